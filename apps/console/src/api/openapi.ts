// Made from the hub's OpenAPI document by test/admin/console-types.test.ts -u. Not for editing.

export interface Api {
  'GET /auth/methods': {
    query: Record<never, never>;
    body: undefined;
    answer: {
      password: true;
      oidc: {
        name: string;
      } | null;
      setup_hint: null;
    };
  };
  'POST /auth/login': {
    query: Record<never, never>;
    body: {
      username: string;
      password: string;
      code?: string;
    };
    answer: {
      user: {
        id: string;
        username: string;
        name: string;
        email: string | null;
        totp_enabled: boolean;
        must_change_password: boolean;
        method: 'password' | 'oidc' | 'token';
      };
      csrf_token: string;
    };
  };
  'POST /auth/logout': {
    query: Record<never, never>;
    body: undefined;
    answer: undefined;
  };
  'GET /auth/oidc/start': {
    query: {
      return_to?: string;
    };
    body: undefined;
    answer: undefined;
  };
  'GET /auth/oidc/callback': {
    query: Record<never, never>;
    body: undefined;
    answer: undefined;
  };
  'GET /me': {
    query: Record<never, never>;
    body: undefined;
    answer: {
      user: {
        id: string;
        username: string;
        name: string;
        email: string | null;
        totp_enabled: boolean;
        must_change_password: boolean;
        method: 'password' | 'oidc' | 'token';
      };
      csrf_token: string | null;
      roles: {
        tenant: string;
        role: 'owner' | 'admin' | 'operator' | 'viewer';
      }[];
      can: Record<string, string[]>;
      tenants: {
        id: string;
        name: string;
      }[];
      features: {
        sandbox: boolean;
        oidc: boolean;
      };
      version: string;
    };
  };
  'PATCH /me': {
    query: Record<never, never>;
    body: {
      name?: string;
      email?: string | null;
    };
    answer: {
      user: {
        id: string;
        username: string;
        name: string;
        email: string | null;
        totp_enabled: boolean;
        must_change_password: boolean;
        method: 'password' | 'oidc' | 'token';
      };
      csrf_token: string | null;
      roles: {
        tenant: string;
        role: 'owner' | 'admin' | 'operator' | 'viewer';
      }[];
      can: Record<string, string[]>;
      tenants: {
        id: string;
        name: string;
      }[];
      features: {
        sandbox: boolean;
        oidc: boolean;
      };
      version: string;
    };
  };
  'PUT /me/password': {
    query: Record<never, never>;
    body: {
      current: string;
      next: string;
    };
    answer: undefined;
  };
  'POST /me/totp': {
    query: Record<never, never>;
    body: undefined;
    answer: {
      secret: string;
      uri: string;
    };
  };
  'DELETE /me/totp': {
    query: Record<never, never>;
    body: {
      password: string;
    };
    answer: undefined;
  };
  'POST /me/totp/confirm': {
    query: Record<never, never>;
    body: {
      code: string;
    };
    answer: {
      recovery_codes: string[];
    };
  };
  'GET /me/sessions': {
    query: Record<never, never>;
    body: undefined;
    answer: {
      items: {
        id: string;
        current: boolean;
        method: 'password' | 'oidc';
        created_at: string;
        last_seen_at: string;
        expires_at: string;
        ip: string;
        user_agent: string;
      }[];
    };
  };
  'DELETE /me/sessions/{id}': {
    query: Record<never, never>;
    body: undefined;
    answer: undefined;
  };
  'GET /me/tokens': {
    query: Record<never, never>;
    body: undefined;
    answer: {
      items: {
        id: string;
        name: string;
        prefix: string;
        actions: string[] | null;
        created_at: string;
        expires_at: string | null;
        last_used_at: string | null;
        revoked_at: string | null;
      }[];
    };
  };
  'POST /me/tokens': {
    query: Record<never, never>;
    body: {
      name: string;
      actions?: string[] | null;
      expires_at?: string | null;
    };
    answer: {
      id: string;
      name: string;
      prefix: string;
      actions: string[] | null;
      created_at: string;
      expires_at: string | null;
      last_used_at: string | null;
      revoked_at: string | null;
      token: string;
    };
  };
  'DELETE /me/tokens/{id}': {
    query: Record<never, never>;
    body: undefined;
    answer: undefined;
  };
  'GET /users': {
    query: {
      limit?: number;
      cursor?: string;
    };
    body: undefined;
    answer: {
      items: {
        id: string;
        username: string;
        name: string;
        email: string | null;
        disabled: boolean;
        totp_enabled: boolean;
        locked_until: string | null;
        last_login_at: string | null;
        created_at: string;
        roles: {
          tenant: string;
          role: 'owner' | 'admin' | 'operator' | 'viewer';
        }[];
      }[];
      next_cursor: string | null;
    };
  };
  'POST /users': {
    query: Record<never, never>;
    body: {
      username: string;
      name?: string;
      email?: string | null;
      password?: string;
      roles: {
        tenant: string;
        role: 'owner' | 'admin' | 'operator' | 'viewer';
      }[];
    };
    answer: {
      id: string;
      username: string;
      name: string;
      email: string | null;
      disabled: boolean;
      totp_enabled: boolean;
      locked_until: string | null;
      last_login_at: string | null;
      created_at: string;
      roles: {
        tenant: string;
        role: 'owner' | 'admin' | 'operator' | 'viewer';
      }[];
      initial_password?: string;
    };
  };
  'GET /users/{id}': {
    query: Record<never, never>;
    body: undefined;
    answer: {
      id: string;
      username: string;
      name: string;
      email: string | null;
      disabled: boolean;
      totp_enabled: boolean;
      locked_until: string | null;
      last_login_at: string | null;
      created_at: string;
      roles: {
        tenant: string;
        role: 'owner' | 'admin' | 'operator' | 'viewer';
      }[];
    };
  };
  'PATCH /users/{id}': {
    query: Record<never, never>;
    body: {
      name?: string;
      email?: string | null;
      disabled?: boolean;
      roles?: {
        tenant: string;
        role: 'owner' | 'admin' | 'operator' | 'viewer';
      }[];
    };
    answer: {
      id: string;
      username: string;
      name: string;
      email: string | null;
      disabled: boolean;
      totp_enabled: boolean;
      locked_until: string | null;
      last_login_at: string | null;
      created_at: string;
      roles: {
        tenant: string;
        role: 'owner' | 'admin' | 'operator' | 'viewer';
      }[];
    };
  };
  'DELETE /users/{id}': {
    query: Record<never, never>;
    body: undefined;
    answer: undefined;
  };
  'POST /users/{id}/reset-password': {
    query: Record<never, never>;
    body: undefined;
    answer: {
      initial_password: string;
    };
  };
  'DELETE /users/{id}/sessions': {
    query: Record<never, never>;
    body: undefined;
    answer: undefined;
  };
  'DELETE /users/{id}/totp': {
    query: Record<never, never>;
    body: undefined;
    answer: undefined;
  };
  'POST /users/{id}/unlock': {
    query: Record<never, never>;
    body: undefined;
    answer: undefined;
  };
  'GET /policies': {
    query: {
      limit?: number;
      cursor?: string;
      tenant?: string;
    };
    body: undefined;
    answer: {
      items: {
        id: string;
        tenant: string;
        name: string;
        effect: 'allow' | 'deny';
        actions: string[];
        resources: string[];
        principals: string[];
      }[];
      next_cursor: string | null;
    };
  };
  'POST /policies': {
    query: Record<never, never>;
    body: {
      tenant: string;
      name: string;
      effect: 'allow' | 'deny';
      actions: string[];
      resources: string[];
      principals: string[];
    };
    answer: {
      id: string;
      tenant: string;
      name: string;
      effect: 'allow' | 'deny';
      actions: string[];
      resources: string[];
      principals: string[];
    };
  };
  'GET /policies/{id}': {
    query: Record<never, never>;
    body: undefined;
    answer: {
      id: string;
      tenant: string;
      name: string;
      effect: 'allow' | 'deny';
      actions: string[];
      resources: string[];
      principals: string[];
    };
  };
  'PUT /policies/{id}': {
    query: Record<never, never>;
    body: {
      tenant: string;
      name: string;
      effect: 'allow' | 'deny';
      actions: string[];
      resources: string[];
      principals: string[];
    };
    answer: {
      id: string;
      tenant: string;
      name: string;
      effect: 'allow' | 'deny';
      actions: string[];
      resources: string[];
      principals: string[];
    };
  };
  'DELETE /policies/{id}': {
    query: Record<never, never>;
    body: undefined;
    answer: undefined;
  };
  'GET /roles': {
    query: Record<never, never>;
    body: undefined;
    answer: {
      items: {
        role: 'owner' | 'admin' | 'operator' | 'viewer';
        actions: string[];
      }[];
      actions: string[];
    };
  };
  'GET /access/explain': {
    query: {
      user?: string;
      action: string;
      resource: string;
      method?: 'get' | 'post' | 'put' | 'patch' | 'delete';
    };
    body: undefined;
    answer: {
      allowed: boolean;
      token_bound: boolean;
      decided_by: {
        id: string;
        tenant: string;
        name: string;
        effect: 'allow' | 'deny';
        actions: string[];
        resources: string[];
        principals: string[];
      } | null;
      matching: {
        id: string;
        tenant: string;
        name: string;
        effect: 'allow' | 'deny';
        actions: string[];
        resources: string[];
        principals: string[];
      }[];
      roles: {
        tenant: string;
        role: 'owner' | 'admin' | 'operator' | 'viewer';
      }[];
    };
  };
  'GET /tenants': {
    query: Record<never, never>;
    body: undefined;
    answer: {
      items: {
        id: string;
        origin: 'file' | 'environment' | 'console' | 'extra';
        read_only: boolean;
        config: {
          id: string;
          name?: string;
          models?: string[];
          system_prompt?: string;
          session?: {
            scope?: 'chat' | 'thread' | 'user';
            turns?: number;
            ttl_seconds?: number;
          };
          limits?: {
            minute?: number;
            hour?: number;
            day?: number;
            tokens_minute?: number;
            tokens_hour?: number;
            tokens_day?: number;
          };
          user_limits?: {
            minute?: number;
            hour?: number;
            day?: number;
            tokens_minute?: number;
            tokens_hour?: number;
            tokens_day?: number;
          };
          model_limits?: Record<string, {
            minute?: number;
            hour?: number;
            day?: number;
            tokens_minute?: number;
            tokens_hour?: number;
            tokens_day?: number;
          }>;
          platform_limits?: Record<string, {
            minute?: number;
            hour?: number;
            day?: number;
            tokens_minute?: number;
            tokens_hour?: number;
            tokens_day?: number;
          }>;
          group_limits?: {
            minute?: number;
            hour?: number;
            day?: number;
            tokens_minute?: number;
            tokens_hour?: number;
            tokens_day?: number;
          };
          timezone?: string;
          budget?: {
            monthly_usd: number;
            user_monthly_usd?: number;
            warn_at?: number[];
            on_exceeded?: 'block' | 'downgrade';
            downgrade_to?: string;
          };
          raise?: {
            until: string;
            factor?: number;
            budget_usd?: number;
          };
          short_query?: {
            max_characters: number;
            model: string;
          };
          cache?: {
            ttl_seconds?: number;
          };
          admin_chat?: {
            channel: string;
            chat: string;
          };
          anomaly?: {
            factor?: number;
            min_tokens?: number;
          };
          regions?: string[];
          fallback_when_filtered?: boolean;
          transcripts?: {
            keep?: boolean;
            days?: number;
          };
          audit?: {
            days?: number;
          };
          turns?: {
            days?: number;
          };
          ledger?: {
            days?: number;
          };
          log_prompts?: boolean;
        };
      }[];
      next_cursor: string | null;
    };
  };
  'POST /tenants': {
    query: Record<never, never>;
    body: {
      config: {
        id: string;
        name?: string;
        models?: string[];
        system_prompt?: string;
        session?: {
          scope?: 'chat' | 'thread' | 'user';
          turns?: number;
          ttl_seconds?: number;
        };
        limits?: {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        };
        user_limits?: {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        };
        model_limits?: Record<string, {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        }>;
        platform_limits?: Record<string, {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        }>;
        group_limits?: {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        };
        timezone?: string;
        budget?: {
          monthly_usd: number;
          user_monthly_usd?: number;
          warn_at?: number[];
          on_exceeded?: 'block' | 'downgrade';
          downgrade_to?: string;
        };
        raise?: {
          until: string;
          factor?: number;
          budget_usd?: number;
        };
        short_query?: {
          max_characters: number;
          model: string;
        };
        cache?: {
          ttl_seconds?: number;
        };
        admin_chat?: {
          channel: string;
          chat: string;
        };
        anomaly?: {
          factor?: number;
          min_tokens?: number;
        };
        regions?: string[];
        fallback_when_filtered?: boolean;
        transcripts?: {
          keep?: boolean;
          days?: number;
        };
        audit?: {
          days?: number;
        };
        turns?: {
          days?: number;
        };
        ledger?: {
          days?: number;
        };
        log_prompts?: boolean;
      };
    };
    answer: {
      id: string;
      origin: 'file' | 'environment' | 'console' | 'extra';
      read_only: boolean;
      config: {
        id: string;
        name?: string;
        models?: string[];
        system_prompt?: string;
        session?: {
          scope?: 'chat' | 'thread' | 'user';
          turns?: number;
          ttl_seconds?: number;
        };
        limits?: {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        };
        user_limits?: {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        };
        model_limits?: Record<string, {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        }>;
        platform_limits?: Record<string, {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        }>;
        group_limits?: {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        };
        timezone?: string;
        budget?: {
          monthly_usd: number;
          user_monthly_usd?: number;
          warn_at?: number[];
          on_exceeded?: 'block' | 'downgrade';
          downgrade_to?: string;
        };
        raise?: {
          until: string;
          factor?: number;
          budget_usd?: number;
        };
        short_query?: {
          max_characters: number;
          model: string;
        };
        cache?: {
          ttl_seconds?: number;
        };
        admin_chat?: {
          channel: string;
          chat: string;
        };
        anomaly?: {
          factor?: number;
          min_tokens?: number;
        };
        regions?: string[];
        fallback_when_filtered?: boolean;
        transcripts?: {
          keep?: boolean;
          days?: number;
        };
        audit?: {
          days?: number;
        };
        turns?: {
          days?: number;
        };
        ledger?: {
          days?: number;
        };
        log_prompts?: boolean;
      };
    };
  };
  'GET /tenants/{tenant}': {
    query: Record<never, never>;
    body: undefined;
    answer: {
      id: string;
      origin: 'file' | 'environment' | 'console' | 'extra';
      read_only: boolean;
      config: {
        id: string;
        name?: string;
        models?: string[];
        system_prompt?: string;
        session?: {
          scope?: 'chat' | 'thread' | 'user';
          turns?: number;
          ttl_seconds?: number;
        };
        limits?: {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        };
        user_limits?: {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        };
        model_limits?: Record<string, {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        }>;
        platform_limits?: Record<string, {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        }>;
        group_limits?: {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        };
        timezone?: string;
        budget?: {
          monthly_usd: number;
          user_monthly_usd?: number;
          warn_at?: number[];
          on_exceeded?: 'block' | 'downgrade';
          downgrade_to?: string;
        };
        raise?: {
          until: string;
          factor?: number;
          budget_usd?: number;
        };
        short_query?: {
          max_characters: number;
          model: string;
        };
        cache?: {
          ttl_seconds?: number;
        };
        admin_chat?: {
          channel: string;
          chat: string;
        };
        anomaly?: {
          factor?: number;
          min_tokens?: number;
        };
        regions?: string[];
        fallback_when_filtered?: boolean;
        transcripts?: {
          keep?: boolean;
          days?: number;
        };
        audit?: {
          days?: number;
        };
        turns?: {
          days?: number;
        };
        ledger?: {
          days?: number;
        };
        log_prompts?: boolean;
      };
    };
  };
  'PUT /tenants/{tenant}': {
    query: Record<never, never>;
    body: {
      config: {
        id: string;
        name?: string;
        models?: string[];
        system_prompt?: string;
        session?: {
          scope?: 'chat' | 'thread' | 'user';
          turns?: number;
          ttl_seconds?: number;
        };
        limits?: {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        };
        user_limits?: {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        };
        model_limits?: Record<string, {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        }>;
        platform_limits?: Record<string, {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        }>;
        group_limits?: {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        };
        timezone?: string;
        budget?: {
          monthly_usd: number;
          user_monthly_usd?: number;
          warn_at?: number[];
          on_exceeded?: 'block' | 'downgrade';
          downgrade_to?: string;
        };
        raise?: {
          until: string;
          factor?: number;
          budget_usd?: number;
        };
        short_query?: {
          max_characters: number;
          model: string;
        };
        cache?: {
          ttl_seconds?: number;
        };
        admin_chat?: {
          channel: string;
          chat: string;
        };
        anomaly?: {
          factor?: number;
          min_tokens?: number;
        };
        regions?: string[];
        fallback_when_filtered?: boolean;
        transcripts?: {
          keep?: boolean;
          days?: number;
        };
        audit?: {
          days?: number;
        };
        turns?: {
          days?: number;
        };
        ledger?: {
          days?: number;
        };
        log_prompts?: boolean;
      };
    };
    answer: {
      id: string;
      origin: 'file' | 'environment' | 'console' | 'extra';
      read_only: boolean;
      config: {
        id: string;
        name?: string;
        models?: string[];
        system_prompt?: string;
        session?: {
          scope?: 'chat' | 'thread' | 'user';
          turns?: number;
          ttl_seconds?: number;
        };
        limits?: {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        };
        user_limits?: {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        };
        model_limits?: Record<string, {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        }>;
        platform_limits?: Record<string, {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        }>;
        group_limits?: {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        };
        timezone?: string;
        budget?: {
          monthly_usd: number;
          user_monthly_usd?: number;
          warn_at?: number[];
          on_exceeded?: 'block' | 'downgrade';
          downgrade_to?: string;
        };
        raise?: {
          until: string;
          factor?: number;
          budget_usd?: number;
        };
        short_query?: {
          max_characters: number;
          model: string;
        };
        cache?: {
          ttl_seconds?: number;
        };
        admin_chat?: {
          channel: string;
          chat: string;
        };
        anomaly?: {
          factor?: number;
          min_tokens?: number;
        };
        regions?: string[];
        fallback_when_filtered?: boolean;
        transcripts?: {
          keep?: boolean;
          days?: number;
        };
        audit?: {
          days?: number;
        };
        turns?: {
          days?: number;
        };
        ledger?: {
          days?: number;
        };
        log_prompts?: boolean;
      };
    };
  };
  'DELETE /tenants/{tenant}': {
    query: Record<never, never>;
    body: undefined;
    answer: undefined;
  };
  'POST /tenants/{tenant}/raise': {
    query: Record<never, never>;
    body: {
      until: string;
      factor?: number;
      budget_usd?: number;
    };
    answer: {
      id: string;
      origin: 'file' | 'environment' | 'console' | 'extra';
      read_only: boolean;
      config: {
        id: string;
        name?: string;
        models?: string[];
        system_prompt?: string;
        session?: {
          scope?: 'chat' | 'thread' | 'user';
          turns?: number;
          ttl_seconds?: number;
        };
        limits?: {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        };
        user_limits?: {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        };
        model_limits?: Record<string, {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        }>;
        platform_limits?: Record<string, {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        }>;
        group_limits?: {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        };
        timezone?: string;
        budget?: {
          monthly_usd: number;
          user_monthly_usd?: number;
          warn_at?: number[];
          on_exceeded?: 'block' | 'downgrade';
          downgrade_to?: string;
        };
        raise?: {
          until: string;
          factor?: number;
          budget_usd?: number;
        };
        short_query?: {
          max_characters: number;
          model: string;
        };
        cache?: {
          ttl_seconds?: number;
        };
        admin_chat?: {
          channel: string;
          chat: string;
        };
        anomaly?: {
          factor?: number;
          min_tokens?: number;
        };
        regions?: string[];
        fallback_when_filtered?: boolean;
        transcripts?: {
          keep?: boolean;
          days?: number;
        };
        audit?: {
          days?: number;
        };
        turns?: {
          days?: number;
        };
        ledger?: {
          days?: number;
        };
        log_prompts?: boolean;
      };
    };
  };
  'DELETE /tenants/{tenant}/raise': {
    query: Record<never, never>;
    body: undefined;
    answer: {
      id: string;
      origin: 'file' | 'environment' | 'console' | 'extra';
      read_only: boolean;
      config: {
        id: string;
        name?: string;
        models?: string[];
        system_prompt?: string;
        session?: {
          scope?: 'chat' | 'thread' | 'user';
          turns?: number;
          ttl_seconds?: number;
        };
        limits?: {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        };
        user_limits?: {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        };
        model_limits?: Record<string, {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        }>;
        platform_limits?: Record<string, {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        }>;
        group_limits?: {
          minute?: number;
          hour?: number;
          day?: number;
          tokens_minute?: number;
          tokens_hour?: number;
          tokens_day?: number;
        };
        timezone?: string;
        budget?: {
          monthly_usd: number;
          user_monthly_usd?: number;
          warn_at?: number[];
          on_exceeded?: 'block' | 'downgrade';
          downgrade_to?: string;
        };
        raise?: {
          until: string;
          factor?: number;
          budget_usd?: number;
        };
        short_query?: {
          max_characters: number;
          model: string;
        };
        cache?: {
          ttl_seconds?: number;
        };
        admin_chat?: {
          channel: string;
          chat: string;
        };
        anomaly?: {
          factor?: number;
          min_tokens?: number;
        };
        regions?: string[];
        fallback_when_filtered?: boolean;
        transcripts?: {
          keep?: boolean;
          days?: number;
        };
        audit?: {
          days?: number;
        };
        turns?: {
          days?: number;
        };
        ledger?: {
          days?: number;
        };
        log_prompts?: boolean;
      };
    };
  };
  'GET /channels': {
    query: {
      tenant?: string;
    };
    body: undefined;
    answer: {
      items: {
        id: string;
        tenant: string;
        origin: 'file' | 'environment' | 'console' | 'extra';
        read_only: boolean;
        config: {
          id: string;
          tenant: string;
          api_base_url?: string;
          triggers?: {
            direct?: 'always' | 'command' | 'never';
            group?: 'mention' | 'command' | 'always' | 'never';
            commands?: string[];
            allow_chats?: string[];
            deny_users?: string[];
          };
          streaming?: boolean;
          overlap?: 'queue' | 'merge' | 'interrupt';
          debounce_ms?: number;
          platform: 'feishu';
          transport?: 'webhook' | 'socket';
          credentials: {
            app_id: string;
            app_secret: string;
            encrypt_key?: string;
            verification_token?: string;
          };
        } | {
          id: string;
          tenant: string;
          api_base_url?: string;
          triggers?: {
            direct?: 'always' | 'command' | 'never';
            group?: 'mention' | 'command' | 'always' | 'never';
            commands?: string[];
            allow_chats?: string[];
            deny_users?: string[];
          };
          streaming?: boolean;
          overlap?: 'queue' | 'merge' | 'interrupt';
          debounce_ms?: number;
          platform: 'slack';
          transport?: 'webhook' | 'socket';
          credentials: {
            bot_token: string;
            signing_secret?: string;
            app_token?: string;
          };
        } | {
          id: string;
          tenant: string;
          api_base_url?: string;
          triggers?: {
            direct?: 'always' | 'command' | 'never';
            group?: 'mention' | 'command' | 'always' | 'never';
            commands?: string[];
            allow_chats?: string[];
            deny_users?: string[];
          };
          streaming?: boolean;
          overlap?: 'queue' | 'merge' | 'interrupt';
          debounce_ms?: number;
          platform: 'telegram';
          transport?: 'webhook' | 'polling';
          credentials: {
            bot_token: string;
            webhook_secret?: string;
          };
        };
        status: {
          webhook_url: string | null;
          transport: string;
          last_event_at: string | null;
          last_message_at: string | null;
          last_reply_at: string | null;
          events_24h: number;
          signature_failures_24h: number;
          last_signature_failure_at: string | null;
          ignored_24h: Record<string, number>;
          deaf_warning: ('no_events' | 'only_ignored' | 'signature_failures') | null;
          seen: string[];
        };
      }[];
      next_cursor: string | null;
    };
  };
  'POST /channels': {
    query: Record<never, never>;
    body: {
      config: {
        id: string;
        tenant: string;
        api_base_url?: string;
        triggers?: {
          direct?: 'always' | 'command' | 'never';
          group?: 'mention' | 'command' | 'always' | 'never';
          commands?: string[];
          allow_chats?: string[];
          deny_users?: string[];
        };
        streaming?: boolean;
        overlap?: 'queue' | 'merge' | 'interrupt';
        debounce_ms?: number;
        platform: 'feishu';
        transport?: 'webhook' | 'socket';
        credentials: {
          app_id: string;
          app_secret: string;
          encrypt_key?: string;
          verification_token?: string;
        };
      } | {
        id: string;
        tenant: string;
        api_base_url?: string;
        triggers?: {
          direct?: 'always' | 'command' | 'never';
          group?: 'mention' | 'command' | 'always' | 'never';
          commands?: string[];
          allow_chats?: string[];
          deny_users?: string[];
        };
        streaming?: boolean;
        overlap?: 'queue' | 'merge' | 'interrupt';
        debounce_ms?: number;
        platform: 'slack';
        transport?: 'webhook' | 'socket';
        credentials: {
          bot_token: string;
          signing_secret?: string;
          app_token?: string;
        };
      } | {
        id: string;
        tenant: string;
        api_base_url?: string;
        triggers?: {
          direct?: 'always' | 'command' | 'never';
          group?: 'mention' | 'command' | 'always' | 'never';
          commands?: string[];
          allow_chats?: string[];
          deny_users?: string[];
        };
        streaming?: boolean;
        overlap?: 'queue' | 'merge' | 'interrupt';
        debounce_ms?: number;
        platform: 'telegram';
        transport?: 'webhook' | 'polling';
        credentials: {
          bot_token: string;
          webhook_secret?: string;
        };
      };
    };
    answer: {
      id: string;
      tenant: string;
      origin: 'file' | 'environment' | 'console' | 'extra';
      read_only: boolean;
      config: {
        id: string;
        tenant: string;
        api_base_url?: string;
        triggers?: {
          direct?: 'always' | 'command' | 'never';
          group?: 'mention' | 'command' | 'always' | 'never';
          commands?: string[];
          allow_chats?: string[];
          deny_users?: string[];
        };
        streaming?: boolean;
        overlap?: 'queue' | 'merge' | 'interrupt';
        debounce_ms?: number;
        platform: 'feishu';
        transport?: 'webhook' | 'socket';
        credentials: {
          app_id: string;
          app_secret: string;
          encrypt_key?: string;
          verification_token?: string;
        };
      } | {
        id: string;
        tenant: string;
        api_base_url?: string;
        triggers?: {
          direct?: 'always' | 'command' | 'never';
          group?: 'mention' | 'command' | 'always' | 'never';
          commands?: string[];
          allow_chats?: string[];
          deny_users?: string[];
        };
        streaming?: boolean;
        overlap?: 'queue' | 'merge' | 'interrupt';
        debounce_ms?: number;
        platform: 'slack';
        transport?: 'webhook' | 'socket';
        credentials: {
          bot_token: string;
          signing_secret?: string;
          app_token?: string;
        };
      } | {
        id: string;
        tenant: string;
        api_base_url?: string;
        triggers?: {
          direct?: 'always' | 'command' | 'never';
          group?: 'mention' | 'command' | 'always' | 'never';
          commands?: string[];
          allow_chats?: string[];
          deny_users?: string[];
        };
        streaming?: boolean;
        overlap?: 'queue' | 'merge' | 'interrupt';
        debounce_ms?: number;
        platform: 'telegram';
        transport?: 'webhook' | 'polling';
        credentials: {
          bot_token: string;
          webhook_secret?: string;
        };
      };
      status: {
        webhook_url: string | null;
        transport: string;
        last_event_at: string | null;
        last_message_at: string | null;
        last_reply_at: string | null;
        events_24h: number;
        signature_failures_24h: number;
        last_signature_failure_at: string | null;
        ignored_24h: Record<string, number>;
        deaf_warning: ('no_events' | 'only_ignored' | 'signature_failures') | null;
        seen: string[];
      };
    };
  };
  'GET /channels/{channel}': {
    query: Record<never, never>;
    body: undefined;
    answer: {
      id: string;
      tenant: string;
      origin: 'file' | 'environment' | 'console' | 'extra';
      read_only: boolean;
      config: {
        id: string;
        tenant: string;
        api_base_url?: string;
        triggers?: {
          direct?: 'always' | 'command' | 'never';
          group?: 'mention' | 'command' | 'always' | 'never';
          commands?: string[];
          allow_chats?: string[];
          deny_users?: string[];
        };
        streaming?: boolean;
        overlap?: 'queue' | 'merge' | 'interrupt';
        debounce_ms?: number;
        platform: 'feishu';
        transport?: 'webhook' | 'socket';
        credentials: {
          app_id: string;
          app_secret: string;
          encrypt_key?: string;
          verification_token?: string;
        };
      } | {
        id: string;
        tenant: string;
        api_base_url?: string;
        triggers?: {
          direct?: 'always' | 'command' | 'never';
          group?: 'mention' | 'command' | 'always' | 'never';
          commands?: string[];
          allow_chats?: string[];
          deny_users?: string[];
        };
        streaming?: boolean;
        overlap?: 'queue' | 'merge' | 'interrupt';
        debounce_ms?: number;
        platform: 'slack';
        transport?: 'webhook' | 'socket';
        credentials: {
          bot_token: string;
          signing_secret?: string;
          app_token?: string;
        };
      } | {
        id: string;
        tenant: string;
        api_base_url?: string;
        triggers?: {
          direct?: 'always' | 'command' | 'never';
          group?: 'mention' | 'command' | 'always' | 'never';
          commands?: string[];
          allow_chats?: string[];
          deny_users?: string[];
        };
        streaming?: boolean;
        overlap?: 'queue' | 'merge' | 'interrupt';
        debounce_ms?: number;
        platform: 'telegram';
        transport?: 'webhook' | 'polling';
        credentials: {
          bot_token: string;
          webhook_secret?: string;
        };
      };
      status: {
        webhook_url: string | null;
        transport: string;
        last_event_at: string | null;
        last_message_at: string | null;
        last_reply_at: string | null;
        events_24h: number;
        signature_failures_24h: number;
        last_signature_failure_at: string | null;
        ignored_24h: Record<string, number>;
        deaf_warning: ('no_events' | 'only_ignored' | 'signature_failures') | null;
        seen: string[];
      };
    };
  };
  'PUT /channels/{channel}': {
    query: Record<never, never>;
    body: {
      config: {
        id: string;
        tenant: string;
        api_base_url?: string;
        triggers?: {
          direct?: 'always' | 'command' | 'never';
          group?: 'mention' | 'command' | 'always' | 'never';
          commands?: string[];
          allow_chats?: string[];
          deny_users?: string[];
        };
        streaming?: boolean;
        overlap?: 'queue' | 'merge' | 'interrupt';
        debounce_ms?: number;
        platform: 'feishu';
        transport?: 'webhook' | 'socket';
        credentials: {
          app_id: string;
          app_secret: string;
          encrypt_key?: string;
          verification_token?: string;
        };
      } | {
        id: string;
        tenant: string;
        api_base_url?: string;
        triggers?: {
          direct?: 'always' | 'command' | 'never';
          group?: 'mention' | 'command' | 'always' | 'never';
          commands?: string[];
          allow_chats?: string[];
          deny_users?: string[];
        };
        streaming?: boolean;
        overlap?: 'queue' | 'merge' | 'interrupt';
        debounce_ms?: number;
        platform: 'slack';
        transport?: 'webhook' | 'socket';
        credentials: {
          bot_token: string;
          signing_secret?: string;
          app_token?: string;
        };
      } | {
        id: string;
        tenant: string;
        api_base_url?: string;
        triggers?: {
          direct?: 'always' | 'command' | 'never';
          group?: 'mention' | 'command' | 'always' | 'never';
          commands?: string[];
          allow_chats?: string[];
          deny_users?: string[];
        };
        streaming?: boolean;
        overlap?: 'queue' | 'merge' | 'interrupt';
        debounce_ms?: number;
        platform: 'telegram';
        transport?: 'webhook' | 'polling';
        credentials: {
          bot_token: string;
          webhook_secret?: string;
        };
      };
    };
    answer: {
      id: string;
      tenant: string;
      origin: 'file' | 'environment' | 'console' | 'extra';
      read_only: boolean;
      config: {
        id: string;
        tenant: string;
        api_base_url?: string;
        triggers?: {
          direct?: 'always' | 'command' | 'never';
          group?: 'mention' | 'command' | 'always' | 'never';
          commands?: string[];
          allow_chats?: string[];
          deny_users?: string[];
        };
        streaming?: boolean;
        overlap?: 'queue' | 'merge' | 'interrupt';
        debounce_ms?: number;
        platform: 'feishu';
        transport?: 'webhook' | 'socket';
        credentials: {
          app_id: string;
          app_secret: string;
          encrypt_key?: string;
          verification_token?: string;
        };
      } | {
        id: string;
        tenant: string;
        api_base_url?: string;
        triggers?: {
          direct?: 'always' | 'command' | 'never';
          group?: 'mention' | 'command' | 'always' | 'never';
          commands?: string[];
          allow_chats?: string[];
          deny_users?: string[];
        };
        streaming?: boolean;
        overlap?: 'queue' | 'merge' | 'interrupt';
        debounce_ms?: number;
        platform: 'slack';
        transport?: 'webhook' | 'socket';
        credentials: {
          bot_token: string;
          signing_secret?: string;
          app_token?: string;
        };
      } | {
        id: string;
        tenant: string;
        api_base_url?: string;
        triggers?: {
          direct?: 'always' | 'command' | 'never';
          group?: 'mention' | 'command' | 'always' | 'never';
          commands?: string[];
          allow_chats?: string[];
          deny_users?: string[];
        };
        streaming?: boolean;
        overlap?: 'queue' | 'merge' | 'interrupt';
        debounce_ms?: number;
        platform: 'telegram';
        transport?: 'webhook' | 'polling';
        credentials: {
          bot_token: string;
          webhook_secret?: string;
        };
      };
      status: {
        webhook_url: string | null;
        transport: string;
        last_event_at: string | null;
        last_message_at: string | null;
        last_reply_at: string | null;
        events_24h: number;
        signature_failures_24h: number;
        last_signature_failure_at: string | null;
        ignored_24h: Record<string, number>;
        deaf_warning: ('no_events' | 'only_ignored' | 'signature_failures') | null;
        seen: string[];
      };
    };
  };
  'DELETE /channels/{channel}': {
    query: Record<never, never>;
    body: undefined;
    answer: undefined;
  };
  'POST /channels/check': {
    query: Record<never, never>;
    body: {
      config: {
        id: string;
        tenant: string;
        api_base_url?: string;
        triggers?: {
          direct?: 'always' | 'command' | 'never';
          group?: 'mention' | 'command' | 'always' | 'never';
          commands?: string[];
          allow_chats?: string[];
          deny_users?: string[];
        };
        streaming?: boolean;
        overlap?: 'queue' | 'merge' | 'interrupt';
        debounce_ms?: number;
        platform: 'feishu';
        transport?: 'webhook' | 'socket';
        credentials: {
          app_id: string;
          app_secret: string;
          encrypt_key?: string;
          verification_token?: string;
        };
      } | {
        id: string;
        tenant: string;
        api_base_url?: string;
        triggers?: {
          direct?: 'always' | 'command' | 'never';
          group?: 'mention' | 'command' | 'always' | 'never';
          commands?: string[];
          allow_chats?: string[];
          deny_users?: string[];
        };
        streaming?: boolean;
        overlap?: 'queue' | 'merge' | 'interrupt';
        debounce_ms?: number;
        platform: 'slack';
        transport?: 'webhook' | 'socket';
        credentials: {
          bot_token: string;
          signing_secret?: string;
          app_token?: string;
        };
      } | {
        id: string;
        tenant: string;
        api_base_url?: string;
        triggers?: {
          direct?: 'always' | 'command' | 'never';
          group?: 'mention' | 'command' | 'always' | 'never';
          commands?: string[];
          allow_chats?: string[];
          deny_users?: string[];
        };
        streaming?: boolean;
        overlap?: 'queue' | 'merge' | 'interrupt';
        debounce_ms?: number;
        platform: 'telegram';
        transport?: 'webhook' | 'polling';
        credentials: {
          bot_token: string;
          webhook_secret?: string;
        };
      };
    };
    answer: {
      ok: boolean;
      steps: {
        name: string;
        ok: boolean;
        message: string;
      }[];
    };
  };
  'POST /channels/{channel}/probe': {
    query: Record<never, never>;
    body: undefined;
    answer: {
      ok: boolean;
      steps: {
        name: string;
        ok: boolean;
        message: string;
      }[];
    };
  };
  'POST /channels/{channel}/test': {
    query: Record<never, never>;
    body: {
      chat: string;
      text: string;
    };
    answer: {
      ok: boolean;
      message_id: string | null;
      message: string;
    };
  };
  'POST /channels/{channel}/register-webhook': {
    query: Record<never, never>;
    body: undefined;
    answer: {
      ok: boolean;
      message: string;
    };
  };
  'GET /channels/setup/{platform}': {
    query: {
      channel?: string;
    };
    body: undefined;
    answer: {
      webhook_url: string | null;
      manifest: Record<string, unknown> | null;
      checklist: {
        id: string;
        kind: 'scope' | 'event' | 'setting';
        name: string;
        why: {
          en: string;
          zh: string;
        };
        done: boolean | null;
      }[];
      steps: {
        en: string;
        zh: string;
      }[];
    };
  };
  'POST /triggers/test': {
    query: Record<never, never>;
    body: {
      channel: string;
      triggers?: {
        direct?: 'always' | 'command' | 'never';
        group?: 'mention' | 'command' | 'always' | 'never';
        commands?: string[];
        allow_chats?: string[];
        deny_users?: string[];
      };
      message: {
        text: string;
        chat_kind: 'direct' | 'group';
        mentioned?: boolean;
        chat_id?: string;
        sender_id?: string;
        in_own_thread?: boolean;
      };
    };
    answer: {
      accept: boolean;
      reason: string;
      explanation: {
        en: string;
        zh: string;
      };
    };
  };
  'GET /models': {
    query: Record<never, never>;
    body: undefined;
    answer: {
      items: {
        id: string;
        origin: 'file' | 'environment' | 'console' | 'extra';
        read_only: boolean;
        config: {
          id: string;
          provider: 'openai' | 'azure-openai' | 'anthropic' | 'deepseek' | 'glm' | 'ollama' | 'openai-compatible' | 'echo';
          model?: string;
          endpoints?: {
            base_url: string;
            region?: string;
          }[];
          keys?: string[];
          price?: {
            input: number;
            output: number;
            cached_input?: number;
            cache_write?: number;
            tiers?: {
              from_input_tokens: number;
              input: number;
              output: number;
              cached_input?: number;
              cache_write?: number;
            }[];
          };
          max_concurrency?: number;
          timeout_seconds?: number;
          max_output_tokens?: number;
          context_tokens?: number;
        };
        status: {
          keys: {
            fingerprint: string;
            age_days: number | null;
            state: 'ok' | 'cooling' | 'refused';
            until: string | null;
          }[];
          endpoints: {
            base_url: string | null;
            region: string | null;
            breaker: 'closed' | 'open' | 'half_open';
            ttft_ms: number | null;
            in_flight: number;
          }[];
          used_by: string[];
        };
      }[];
      next_cursor: string | null;
    };
  };
  'POST /models': {
    query: Record<never, never>;
    body: {
      config: {
        id: string;
        provider: 'openai' | 'azure-openai' | 'anthropic' | 'deepseek' | 'glm' | 'ollama' | 'openai-compatible' | 'echo';
        model?: string;
        endpoints?: {
          base_url: string;
          region?: string;
        }[];
        keys?: string[];
        price?: {
          input: number;
          output: number;
          cached_input?: number;
          cache_write?: number;
          tiers?: {
            from_input_tokens: number;
            input: number;
            output: number;
            cached_input?: number;
            cache_write?: number;
          }[];
        };
        max_concurrency?: number;
        timeout_seconds?: number;
        max_output_tokens?: number;
        context_tokens?: number;
      };
    };
    answer: {
      id: string;
      origin: 'file' | 'environment' | 'console' | 'extra';
      read_only: boolean;
      config: {
        id: string;
        provider: 'openai' | 'azure-openai' | 'anthropic' | 'deepseek' | 'glm' | 'ollama' | 'openai-compatible' | 'echo';
        model?: string;
        endpoints?: {
          base_url: string;
          region?: string;
        }[];
        keys?: string[];
        price?: {
          input: number;
          output: number;
          cached_input?: number;
          cache_write?: number;
          tiers?: {
            from_input_tokens: number;
            input: number;
            output: number;
            cached_input?: number;
            cache_write?: number;
          }[];
        };
        max_concurrency?: number;
        timeout_seconds?: number;
        max_output_tokens?: number;
        context_tokens?: number;
      };
      status: {
        keys: {
          fingerprint: string;
          age_days: number | null;
          state: 'ok' | 'cooling' | 'refused';
          until: string | null;
        }[];
        endpoints: {
          base_url: string | null;
          region: string | null;
          breaker: 'closed' | 'open' | 'half_open';
          ttft_ms: number | null;
          in_flight: number;
        }[];
        used_by: string[];
      };
    };
  };
  'GET /models/{model}': {
    query: Record<never, never>;
    body: undefined;
    answer: {
      id: string;
      origin: 'file' | 'environment' | 'console' | 'extra';
      read_only: boolean;
      config: {
        id: string;
        provider: 'openai' | 'azure-openai' | 'anthropic' | 'deepseek' | 'glm' | 'ollama' | 'openai-compatible' | 'echo';
        model?: string;
        endpoints?: {
          base_url: string;
          region?: string;
        }[];
        keys?: string[];
        price?: {
          input: number;
          output: number;
          cached_input?: number;
          cache_write?: number;
          tiers?: {
            from_input_tokens: number;
            input: number;
            output: number;
            cached_input?: number;
            cache_write?: number;
          }[];
        };
        max_concurrency?: number;
        timeout_seconds?: number;
        max_output_tokens?: number;
        context_tokens?: number;
      };
      status: {
        keys: {
          fingerprint: string;
          age_days: number | null;
          state: 'ok' | 'cooling' | 'refused';
          until: string | null;
        }[];
        endpoints: {
          base_url: string | null;
          region: string | null;
          breaker: 'closed' | 'open' | 'half_open';
          ttft_ms: number | null;
          in_flight: number;
        }[];
        used_by: string[];
      };
    };
  };
  'PUT /models/{model}': {
    query: Record<never, never>;
    body: {
      config: {
        id: string;
        provider: 'openai' | 'azure-openai' | 'anthropic' | 'deepseek' | 'glm' | 'ollama' | 'openai-compatible' | 'echo';
        model?: string;
        endpoints?: {
          base_url: string;
          region?: string;
        }[];
        keys?: string[];
        price?: {
          input: number;
          output: number;
          cached_input?: number;
          cache_write?: number;
          tiers?: {
            from_input_tokens: number;
            input: number;
            output: number;
            cached_input?: number;
            cache_write?: number;
          }[];
        };
        max_concurrency?: number;
        timeout_seconds?: number;
        max_output_tokens?: number;
        context_tokens?: number;
      };
    };
    answer: {
      id: string;
      origin: 'file' | 'environment' | 'console' | 'extra';
      read_only: boolean;
      config: {
        id: string;
        provider: 'openai' | 'azure-openai' | 'anthropic' | 'deepseek' | 'glm' | 'ollama' | 'openai-compatible' | 'echo';
        model?: string;
        endpoints?: {
          base_url: string;
          region?: string;
        }[];
        keys?: string[];
        price?: {
          input: number;
          output: number;
          cached_input?: number;
          cache_write?: number;
          tiers?: {
            from_input_tokens: number;
            input: number;
            output: number;
            cached_input?: number;
            cache_write?: number;
          }[];
        };
        max_concurrency?: number;
        timeout_seconds?: number;
        max_output_tokens?: number;
        context_tokens?: number;
      };
      status: {
        keys: {
          fingerprint: string;
          age_days: number | null;
          state: 'ok' | 'cooling' | 'refused';
          until: string | null;
        }[];
        endpoints: {
          base_url: string | null;
          region: string | null;
          breaker: 'closed' | 'open' | 'half_open';
          ttft_ms: number | null;
          in_flight: number;
        }[];
        used_by: string[];
      };
    };
  };
  'DELETE /models/{model}': {
    query: Record<never, never>;
    body: undefined;
    answer: undefined;
  };
  'POST /models/check': {
    query: Record<never, never>;
    body: {
      config: {
        id: string;
        provider: 'openai' | 'azure-openai' | 'anthropic' | 'deepseek' | 'glm' | 'ollama' | 'openai-compatible' | 'echo';
        model?: string;
        endpoints?: {
          base_url: string;
          region?: string;
        }[];
        keys?: string[];
        price?: {
          input: number;
          output: number;
          cached_input?: number;
          cache_write?: number;
          tiers?: {
            from_input_tokens: number;
            input: number;
            output: number;
            cached_input?: number;
            cache_write?: number;
          }[];
        };
        max_concurrency?: number;
        timeout_seconds?: number;
        max_output_tokens?: number;
        context_tokens?: number;
      };
    };
    answer: {
      ok: boolean;
      message: string;
      ms: number;
    };
  };
  'POST /models/{model}/test': {
    query: Record<never, never>;
    body: {
      text?: string;
    };
    answer: {
      ok: boolean;
      reply: string;
      ms: number;
      tokens_in: number;
      tokens_out: number;
      message: string;
    };
  };
  'GET /tenants/{tenant}/rules': {
    query: Record<never, never>;
    body: undefined;
    answer: {
      items: {
        origin: 'file' | 'environment' | 'console' | 'extra';
        read_only: boolean;
        rule: {
          tenant: string;
          match: {
            exact: string[];
          } | {
            prefix: string[];
          } | {
            regex: string;
          } | {
            keywords: string[];
          };
          reply?: string;
          model?: string;
          ignore?: true;
        };
      }[];
    };
  };
  'PUT /tenants/{tenant}/rules': {
    query: Record<never, never>;
    body: {
      rules: {
        tenant: string;
        match: {
          exact: string[];
        } | {
          prefix: string[];
        } | {
          regex: string;
        } | {
          keywords: string[];
        };
        reply?: string;
        model?: string;
        ignore?: true;
      }[];
    };
    answer: {
      items: {
        origin: 'file' | 'environment' | 'console' | 'extra';
        read_only: boolean;
        rule: {
          tenant: string;
          match: {
            exact: string[];
          } | {
            prefix: string[];
          } | {
            regex: string;
          } | {
            keywords: string[];
          };
          reply?: string;
          model?: string;
          ignore?: true;
        };
      }[];
    };
  };
  'GET /tenants/{tenant}/guard': {
    query: Record<never, never>;
    body: undefined;
    answer: {
      origin: 'file' | 'environment' | 'console' | 'extra';
      read_only: boolean;
      guard: {
        tenant: string;
        mask?: ('credit_card' | 'cn_id_card' | 'cn_mobile' | 'us_ssn' | 'email' | 'iban' | 'secret')[];
        patterns?: {
          name: string;
          regex: string;
        }[];
        block_keywords?: string[];
        replace_keywords?: string[];
        injection?: 'flag' | 'refuse' | 'off';
        dry_run?: boolean;
      } | null;
    };
  };
  'PUT /tenants/{tenant}/guard': {
    query: Record<never, never>;
    body: {
      guard: {
        tenant: string;
        mask?: ('credit_card' | 'cn_id_card' | 'cn_mobile' | 'us_ssn' | 'email' | 'iban' | 'secret')[];
        patterns?: {
          name: string;
          regex: string;
        }[];
        block_keywords?: string[];
        replace_keywords?: string[];
        injection?: 'flag' | 'refuse' | 'off';
        dry_run?: boolean;
      } | null;
    };
    answer: {
      origin: 'file' | 'environment' | 'console' | 'extra';
      read_only: boolean;
      guard: {
        tenant: string;
        mask?: ('credit_card' | 'cn_id_card' | 'cn_mobile' | 'us_ssn' | 'email' | 'iban' | 'secret')[];
        patterns?: {
          name: string;
          regex: string;
        }[];
        block_keywords?: string[];
        replace_keywords?: string[];
        injection?: 'flag' | 'refuse' | 'off';
        dry_run?: boolean;
      } | null;
    };
  };
  'POST /rules/test': {
    query: Record<never, never>;
    body: {
      tenant: string;
      text: string;
      rules?: {
        tenant: string;
        match: {
          exact: string[];
        } | {
          prefix: string[];
        } | {
          regex: string;
        } | {
          keywords: string[];
        };
        reply?: string;
        model?: string;
        ignore?: true;
      }[];
    };
    answer: {
      matched: {
        index: number;
        action: 'reply' | 'model' | 'ignore';
        text: string | null;
      } | null;
    };
  };
  'POST /guard/test': {
    query: Record<never, never>;
    body: {
      tenant: string;
      text: string;
      guard?: {
        tenant: string;
        mask?: ('credit_card' | 'cn_id_card' | 'cn_mobile' | 'us_ssn' | 'email' | 'iban' | 'secret')[];
        patterns?: {
          name: string;
          regex: string;
        }[];
        block_keywords?: string[];
        replace_keywords?: string[];
        injection?: 'flag' | 'refuse' | 'off';
        dry_run?: boolean;
      };
    };
    answer: {
      masked: string;
      found: {
        kind: string;
        count: number;
      }[];
      refused: {
        by: string;
      } | null;
      injection: boolean;
      replaced: number;
    };
  };
  'GET /settings': {
    query: Record<never, never>;
    body: undefined;
    answer: {
      origin: 'file' | 'environment' | 'console' | 'extra';
      read_only: boolean;
      api: {
        cors_origins?: ('*' | string)[];
        ip_limit?: {
          requests?: number;
          window_seconds?: number;
        };
      };
    };
  };
  'PUT /settings': {
    query: Record<never, never>;
    body: {
      api: {
        cors_origins?: ('*' | string)[];
        ip_limit?: {
          requests?: number;
          window_seconds?: number;
        };
      };
    };
    answer: {
      origin: 'file' | 'environment' | 'console' | 'extra';
      read_only: boolean;
      api: {
        cors_origins?: ('*' | string)[];
        ip_limit?: {
          requests?: number;
          window_seconds?: number;
        };
      };
    };
  };
  'GET /config': {
    query: Record<never, never>;
    body: undefined;
    answer: {
      version: number | null;
      origin_of_base: 'file' | 'environment';
      document: {
        version?: 1;
        tenants?: {
          id: string;
          name?: string;
          models?: string[];
          system_prompt?: string;
          session?: {
            scope?: 'chat' | 'thread' | 'user';
            turns?: number;
            ttl_seconds?: number;
          };
          limits?: {
            minute?: number;
            hour?: number;
            day?: number;
            tokens_minute?: number;
            tokens_hour?: number;
            tokens_day?: number;
          };
          user_limits?: {
            minute?: number;
            hour?: number;
            day?: number;
            tokens_minute?: number;
            tokens_hour?: number;
            tokens_day?: number;
          };
          model_limits?: Record<string, {
            minute?: number;
            hour?: number;
            day?: number;
            tokens_minute?: number;
            tokens_hour?: number;
            tokens_day?: number;
          }>;
          platform_limits?: Record<string, {
            minute?: number;
            hour?: number;
            day?: number;
            tokens_minute?: number;
            tokens_hour?: number;
            tokens_day?: number;
          }>;
          group_limits?: {
            minute?: number;
            hour?: number;
            day?: number;
            tokens_minute?: number;
            tokens_hour?: number;
            tokens_day?: number;
          };
          timezone?: string;
          budget?: {
            monthly_usd: number;
            user_monthly_usd?: number;
            warn_at?: number[];
            on_exceeded?: 'block' | 'downgrade';
            downgrade_to?: string;
          };
          raise?: {
            until: string;
            factor?: number;
            budget_usd?: number;
          };
          short_query?: {
            max_characters: number;
            model: string;
          };
          cache?: {
            ttl_seconds?: number;
          };
          admin_chat?: {
            channel: string;
            chat: string;
          };
          anomaly?: {
            factor?: number;
            min_tokens?: number;
          };
          regions?: string[];
          fallback_when_filtered?: boolean;
          transcripts?: {
            keep?: boolean;
            days?: number;
          };
          audit?: {
            days?: number;
          };
          turns?: {
            days?: number;
          };
          ledger?: {
            days?: number;
          };
          log_prompts?: boolean;
        }[];
        channels?: ({
          id: string;
          tenant: string;
          api_base_url?: string;
          triggers?: {
            direct?: 'always' | 'command' | 'never';
            group?: 'mention' | 'command' | 'always' | 'never';
            commands?: string[];
            allow_chats?: string[];
            deny_users?: string[];
          };
          streaming?: boolean;
          overlap?: 'queue' | 'merge' | 'interrupt';
          debounce_ms?: number;
          platform: 'feishu';
          transport?: 'webhook' | 'socket';
          credentials: {
            app_id: string;
            app_secret: string;
            encrypt_key?: string;
            verification_token?: string;
          };
        } | {
          id: string;
          tenant: string;
          api_base_url?: string;
          triggers?: {
            direct?: 'always' | 'command' | 'never';
            group?: 'mention' | 'command' | 'always' | 'never';
            commands?: string[];
            allow_chats?: string[];
            deny_users?: string[];
          };
          streaming?: boolean;
          overlap?: 'queue' | 'merge' | 'interrupt';
          debounce_ms?: number;
          platform: 'slack';
          transport?: 'webhook' | 'socket';
          credentials: {
            bot_token: string;
            signing_secret?: string;
            app_token?: string;
          };
        } | {
          id: string;
          tenant: string;
          api_base_url?: string;
          triggers?: {
            direct?: 'always' | 'command' | 'never';
            group?: 'mention' | 'command' | 'always' | 'never';
            commands?: string[];
            allow_chats?: string[];
            deny_users?: string[];
          };
          streaming?: boolean;
          overlap?: 'queue' | 'merge' | 'interrupt';
          debounce_ms?: number;
          platform: 'telegram';
          transport?: 'webhook' | 'polling';
          credentials: {
            bot_token: string;
            webhook_secret?: string;
          };
        })[];
        models?: {
          id: string;
          provider: 'openai' | 'azure-openai' | 'anthropic' | 'deepseek' | 'glm' | 'ollama' | 'openai-compatible' | 'echo';
          model?: string;
          endpoints?: {
            base_url: string;
            region?: string;
          }[];
          keys?: string[];
          price?: {
            input: number;
            output: number;
            cached_input?: number;
            cache_write?: number;
            tiers?: {
              from_input_tokens: number;
              input: number;
              output: number;
              cached_input?: number;
              cache_write?: number;
            }[];
          };
          max_concurrency?: number;
          timeout_seconds?: number;
          max_output_tokens?: number;
          context_tokens?: number;
        }[];
        rules?: {
          tenant: string;
          match: {
            exact: string[];
          } | {
            prefix: string[];
          } | {
            regex: string;
          } | {
            keywords: string[];
          };
          reply?: string;
          model?: string;
          ignore?: true;
        }[];
        guard?: {
          tenant: string;
          mask?: ('credit_card' | 'cn_id_card' | 'cn_mobile' | 'us_ssn' | 'email' | 'iban' | 'secret')[];
          patterns?: {
            name: string;
            regex: string;
          }[];
          block_keywords?: string[];
          replace_keywords?: string[];
          injection?: 'flag' | 'refuse' | 'off';
          dry_run?: boolean;
        }[];
        api_keys?: {
          id: string;
          tenant: string;
          key: string;
          limits?: {
            minute?: number;
            hour?: number;
            day?: number;
            tokens_minute?: number;
            tokens_hour?: number;
            tokens_day?: number;
          };
          scopes?: ('chat' | 'models' | 'quota' | 'tokens')[];
          expires_at?: string;
          signing_secret?: string;
        }[];
        api?: {
          cors_origins?: ('*' | string)[];
          ip_limit?: {
            requests?: number;
            window_seconds?: number;
          };
        };
      };
      file_error: {
        at: string;
        issues: {
          path: string;
          message: string;
        }[];
      } | null;
      left_out: {
        origin: string;
        path: string;
        message: string;
      }[];
    };
  };
  'POST /config/validate': {
    query: Record<never, never>;
    body: {
      document: {
        version?: 1;
        tenants?: {
          id: string;
          name?: string;
          models?: string[];
          system_prompt?: string;
          session?: {
            scope?: 'chat' | 'thread' | 'user';
            turns?: number;
            ttl_seconds?: number;
          };
          limits?: {
            minute?: number;
            hour?: number;
            day?: number;
            tokens_minute?: number;
            tokens_hour?: number;
            tokens_day?: number;
          };
          user_limits?: {
            minute?: number;
            hour?: number;
            day?: number;
            tokens_minute?: number;
            tokens_hour?: number;
            tokens_day?: number;
          };
          model_limits?: Record<string, {
            minute?: number;
            hour?: number;
            day?: number;
            tokens_minute?: number;
            tokens_hour?: number;
            tokens_day?: number;
          }>;
          platform_limits?: Record<string, {
            minute?: number;
            hour?: number;
            day?: number;
            tokens_minute?: number;
            tokens_hour?: number;
            tokens_day?: number;
          }>;
          group_limits?: {
            minute?: number;
            hour?: number;
            day?: number;
            tokens_minute?: number;
            tokens_hour?: number;
            tokens_day?: number;
          };
          timezone?: string;
          budget?: {
            monthly_usd: number;
            user_monthly_usd?: number;
            warn_at?: number[];
            on_exceeded?: 'block' | 'downgrade';
            downgrade_to?: string;
          };
          raise?: {
            until: string;
            factor?: number;
            budget_usd?: number;
          };
          short_query?: {
            max_characters: number;
            model: string;
          };
          cache?: {
            ttl_seconds?: number;
          };
          admin_chat?: {
            channel: string;
            chat: string;
          };
          anomaly?: {
            factor?: number;
            min_tokens?: number;
          };
          regions?: string[];
          fallback_when_filtered?: boolean;
          transcripts?: {
            keep?: boolean;
            days?: number;
          };
          audit?: {
            days?: number;
          };
          turns?: {
            days?: number;
          };
          ledger?: {
            days?: number;
          };
          log_prompts?: boolean;
        }[];
        channels?: ({
          id: string;
          tenant: string;
          api_base_url?: string;
          triggers?: {
            direct?: 'always' | 'command' | 'never';
            group?: 'mention' | 'command' | 'always' | 'never';
            commands?: string[];
            allow_chats?: string[];
            deny_users?: string[];
          };
          streaming?: boolean;
          overlap?: 'queue' | 'merge' | 'interrupt';
          debounce_ms?: number;
          platform: 'feishu';
          transport?: 'webhook' | 'socket';
          credentials: {
            app_id: string;
            app_secret: string;
            encrypt_key?: string;
            verification_token?: string;
          };
        } | {
          id: string;
          tenant: string;
          api_base_url?: string;
          triggers?: {
            direct?: 'always' | 'command' | 'never';
            group?: 'mention' | 'command' | 'always' | 'never';
            commands?: string[];
            allow_chats?: string[];
            deny_users?: string[];
          };
          streaming?: boolean;
          overlap?: 'queue' | 'merge' | 'interrupt';
          debounce_ms?: number;
          platform: 'slack';
          transport?: 'webhook' | 'socket';
          credentials: {
            bot_token: string;
            signing_secret?: string;
            app_token?: string;
          };
        } | {
          id: string;
          tenant: string;
          api_base_url?: string;
          triggers?: {
            direct?: 'always' | 'command' | 'never';
            group?: 'mention' | 'command' | 'always' | 'never';
            commands?: string[];
            allow_chats?: string[];
            deny_users?: string[];
          };
          streaming?: boolean;
          overlap?: 'queue' | 'merge' | 'interrupt';
          debounce_ms?: number;
          platform: 'telegram';
          transport?: 'webhook' | 'polling';
          credentials: {
            bot_token: string;
            webhook_secret?: string;
          };
        })[];
        models?: {
          id: string;
          provider: 'openai' | 'azure-openai' | 'anthropic' | 'deepseek' | 'glm' | 'ollama' | 'openai-compatible' | 'echo';
          model?: string;
          endpoints?: {
            base_url: string;
            region?: string;
          }[];
          keys?: string[];
          price?: {
            input: number;
            output: number;
            cached_input?: number;
            cache_write?: number;
            tiers?: {
              from_input_tokens: number;
              input: number;
              output: number;
              cached_input?: number;
              cache_write?: number;
            }[];
          };
          max_concurrency?: number;
          timeout_seconds?: number;
          max_output_tokens?: number;
          context_tokens?: number;
        }[];
        rules?: {
          tenant: string;
          match: {
            exact: string[];
          } | {
            prefix: string[];
          } | {
            regex: string;
          } | {
            keywords: string[];
          };
          reply?: string;
          model?: string;
          ignore?: true;
        }[];
        guard?: {
          tenant: string;
          mask?: ('credit_card' | 'cn_id_card' | 'cn_mobile' | 'us_ssn' | 'email' | 'iban' | 'secret')[];
          patterns?: {
            name: string;
            regex: string;
          }[];
          block_keywords?: string[];
          replace_keywords?: string[];
          injection?: 'flag' | 'refuse' | 'off';
          dry_run?: boolean;
        }[];
        api_keys?: {
          id: string;
          tenant: string;
          key: string;
          limits?: {
            minute?: number;
            hour?: number;
            day?: number;
            tokens_minute?: number;
            tokens_hour?: number;
            tokens_day?: number;
          };
          scopes?: ('chat' | 'models' | 'quota' | 'tokens')[];
          expires_at?: string;
          signing_secret?: string;
        }[];
        api?: {
          cors_origins?: ('*' | string)[];
          ip_limit?: {
            requests?: number;
            window_seconds?: number;
          };
        };
      };
    };
    answer: {
      ok: boolean;
      issues: {
        path: string;
        message: string;
      }[];
    };
  };
  'GET /config/versions': {
    query: {
      limit?: number;
      cursor?: string;
    };
    body: undefined;
    answer: {
      items: {
        version: number;
        author: string;
        comment: string;
        created_at: string;
        activated_at: string | null;
        active: boolean;
        based_on: number | null;
      }[];
      next_cursor: string | null;
    };
  };
  'POST /config/versions': {
    query: Record<never, never>;
    body: {
      document: {
        version?: 1;
        tenants?: {
          id: string;
          name?: string;
          models?: string[];
          system_prompt?: string;
          session?: {
            scope?: 'chat' | 'thread' | 'user';
            turns?: number;
            ttl_seconds?: number;
          };
          limits?: {
            minute?: number;
            hour?: number;
            day?: number;
            tokens_minute?: number;
            tokens_hour?: number;
            tokens_day?: number;
          };
          user_limits?: {
            minute?: number;
            hour?: number;
            day?: number;
            tokens_minute?: number;
            tokens_hour?: number;
            tokens_day?: number;
          };
          model_limits?: Record<string, {
            minute?: number;
            hour?: number;
            day?: number;
            tokens_minute?: number;
            tokens_hour?: number;
            tokens_day?: number;
          }>;
          platform_limits?: Record<string, {
            minute?: number;
            hour?: number;
            day?: number;
            tokens_minute?: number;
            tokens_hour?: number;
            tokens_day?: number;
          }>;
          group_limits?: {
            minute?: number;
            hour?: number;
            day?: number;
            tokens_minute?: number;
            tokens_hour?: number;
            tokens_day?: number;
          };
          timezone?: string;
          budget?: {
            monthly_usd: number;
            user_monthly_usd?: number;
            warn_at?: number[];
            on_exceeded?: 'block' | 'downgrade';
            downgrade_to?: string;
          };
          raise?: {
            until: string;
            factor?: number;
            budget_usd?: number;
          };
          short_query?: {
            max_characters: number;
            model: string;
          };
          cache?: {
            ttl_seconds?: number;
          };
          admin_chat?: {
            channel: string;
            chat: string;
          };
          anomaly?: {
            factor?: number;
            min_tokens?: number;
          };
          regions?: string[];
          fallback_when_filtered?: boolean;
          transcripts?: {
            keep?: boolean;
            days?: number;
          };
          audit?: {
            days?: number;
          };
          turns?: {
            days?: number;
          };
          ledger?: {
            days?: number;
          };
          log_prompts?: boolean;
        }[];
        channels?: ({
          id: string;
          tenant: string;
          api_base_url?: string;
          triggers?: {
            direct?: 'always' | 'command' | 'never';
            group?: 'mention' | 'command' | 'always' | 'never';
            commands?: string[];
            allow_chats?: string[];
            deny_users?: string[];
          };
          streaming?: boolean;
          overlap?: 'queue' | 'merge' | 'interrupt';
          debounce_ms?: number;
          platform: 'feishu';
          transport?: 'webhook' | 'socket';
          credentials: {
            app_id: string;
            app_secret: string;
            encrypt_key?: string;
            verification_token?: string;
          };
        } | {
          id: string;
          tenant: string;
          api_base_url?: string;
          triggers?: {
            direct?: 'always' | 'command' | 'never';
            group?: 'mention' | 'command' | 'always' | 'never';
            commands?: string[];
            allow_chats?: string[];
            deny_users?: string[];
          };
          streaming?: boolean;
          overlap?: 'queue' | 'merge' | 'interrupt';
          debounce_ms?: number;
          platform: 'slack';
          transport?: 'webhook' | 'socket';
          credentials: {
            bot_token: string;
            signing_secret?: string;
            app_token?: string;
          };
        } | {
          id: string;
          tenant: string;
          api_base_url?: string;
          triggers?: {
            direct?: 'always' | 'command' | 'never';
            group?: 'mention' | 'command' | 'always' | 'never';
            commands?: string[];
            allow_chats?: string[];
            deny_users?: string[];
          };
          streaming?: boolean;
          overlap?: 'queue' | 'merge' | 'interrupt';
          debounce_ms?: number;
          platform: 'telegram';
          transport?: 'webhook' | 'polling';
          credentials: {
            bot_token: string;
            webhook_secret?: string;
          };
        })[];
        models?: {
          id: string;
          provider: 'openai' | 'azure-openai' | 'anthropic' | 'deepseek' | 'glm' | 'ollama' | 'openai-compatible' | 'echo';
          model?: string;
          endpoints?: {
            base_url: string;
            region?: string;
          }[];
          keys?: string[];
          price?: {
            input: number;
            output: number;
            cached_input?: number;
            cache_write?: number;
            tiers?: {
              from_input_tokens: number;
              input: number;
              output: number;
              cached_input?: number;
              cache_write?: number;
            }[];
          };
          max_concurrency?: number;
          timeout_seconds?: number;
          max_output_tokens?: number;
          context_tokens?: number;
        }[];
        rules?: {
          tenant: string;
          match: {
            exact: string[];
          } | {
            prefix: string[];
          } | {
            regex: string;
          } | {
            keywords: string[];
          };
          reply?: string;
          model?: string;
          ignore?: true;
        }[];
        guard?: {
          tenant: string;
          mask?: ('credit_card' | 'cn_id_card' | 'cn_mobile' | 'us_ssn' | 'email' | 'iban' | 'secret')[];
          patterns?: {
            name: string;
            regex: string;
          }[];
          block_keywords?: string[];
          replace_keywords?: string[];
          injection?: 'flag' | 'refuse' | 'off';
          dry_run?: boolean;
        }[];
        api_keys?: {
          id: string;
          tenant: string;
          key: string;
          limits?: {
            minute?: number;
            hour?: number;
            day?: number;
            tokens_minute?: number;
            tokens_hour?: number;
            tokens_day?: number;
          };
          scopes?: ('chat' | 'models' | 'quota' | 'tokens')[];
          expires_at?: string;
          signing_secret?: string;
        }[];
        api?: {
          cors_origins?: ('*' | string)[];
          ip_limit?: {
            requests?: number;
            window_seconds?: number;
          };
        };
      };
      comment?: string;
    };
    answer: {
      version: number;
      author: string;
      comment: string;
      created_at: string;
      activated_at: string | null;
      active: boolean;
      based_on: number | null;
    };
  };
  'GET /config/versions/{version}': {
    query: Record<never, never>;
    body: undefined;
    answer: {
      version: number;
      author: string;
      comment: string;
      created_at: string;
      activated_at: string | null;
      active: boolean;
      based_on: number | null;
      document: {
        version?: 1;
        tenants?: {
          id: string;
          name?: string;
          models?: string[];
          system_prompt?: string;
          session?: {
            scope?: 'chat' | 'thread' | 'user';
            turns?: number;
            ttl_seconds?: number;
          };
          limits?: {
            minute?: number;
            hour?: number;
            day?: number;
            tokens_minute?: number;
            tokens_hour?: number;
            tokens_day?: number;
          };
          user_limits?: {
            minute?: number;
            hour?: number;
            day?: number;
            tokens_minute?: number;
            tokens_hour?: number;
            tokens_day?: number;
          };
          model_limits?: Record<string, {
            minute?: number;
            hour?: number;
            day?: number;
            tokens_minute?: number;
            tokens_hour?: number;
            tokens_day?: number;
          }>;
          platform_limits?: Record<string, {
            minute?: number;
            hour?: number;
            day?: number;
            tokens_minute?: number;
            tokens_hour?: number;
            tokens_day?: number;
          }>;
          group_limits?: {
            minute?: number;
            hour?: number;
            day?: number;
            tokens_minute?: number;
            tokens_hour?: number;
            tokens_day?: number;
          };
          timezone?: string;
          budget?: {
            monthly_usd: number;
            user_monthly_usd?: number;
            warn_at?: number[];
            on_exceeded?: 'block' | 'downgrade';
            downgrade_to?: string;
          };
          raise?: {
            until: string;
            factor?: number;
            budget_usd?: number;
          };
          short_query?: {
            max_characters: number;
            model: string;
          };
          cache?: {
            ttl_seconds?: number;
          };
          admin_chat?: {
            channel: string;
            chat: string;
          };
          anomaly?: {
            factor?: number;
            min_tokens?: number;
          };
          regions?: string[];
          fallback_when_filtered?: boolean;
          transcripts?: {
            keep?: boolean;
            days?: number;
          };
          audit?: {
            days?: number;
          };
          turns?: {
            days?: number;
          };
          ledger?: {
            days?: number;
          };
          log_prompts?: boolean;
        }[];
        channels?: ({
          id: string;
          tenant: string;
          api_base_url?: string;
          triggers?: {
            direct?: 'always' | 'command' | 'never';
            group?: 'mention' | 'command' | 'always' | 'never';
            commands?: string[];
            allow_chats?: string[];
            deny_users?: string[];
          };
          streaming?: boolean;
          overlap?: 'queue' | 'merge' | 'interrupt';
          debounce_ms?: number;
          platform: 'feishu';
          transport?: 'webhook' | 'socket';
          credentials: {
            app_id: string;
            app_secret: string;
            encrypt_key?: string;
            verification_token?: string;
          };
        } | {
          id: string;
          tenant: string;
          api_base_url?: string;
          triggers?: {
            direct?: 'always' | 'command' | 'never';
            group?: 'mention' | 'command' | 'always' | 'never';
            commands?: string[];
            allow_chats?: string[];
            deny_users?: string[];
          };
          streaming?: boolean;
          overlap?: 'queue' | 'merge' | 'interrupt';
          debounce_ms?: number;
          platform: 'slack';
          transport?: 'webhook' | 'socket';
          credentials: {
            bot_token: string;
            signing_secret?: string;
            app_token?: string;
          };
        } | {
          id: string;
          tenant: string;
          api_base_url?: string;
          triggers?: {
            direct?: 'always' | 'command' | 'never';
            group?: 'mention' | 'command' | 'always' | 'never';
            commands?: string[];
            allow_chats?: string[];
            deny_users?: string[];
          };
          streaming?: boolean;
          overlap?: 'queue' | 'merge' | 'interrupt';
          debounce_ms?: number;
          platform: 'telegram';
          transport?: 'webhook' | 'polling';
          credentials: {
            bot_token: string;
            webhook_secret?: string;
          };
        })[];
        models?: {
          id: string;
          provider: 'openai' | 'azure-openai' | 'anthropic' | 'deepseek' | 'glm' | 'ollama' | 'openai-compatible' | 'echo';
          model?: string;
          endpoints?: {
            base_url: string;
            region?: string;
          }[];
          keys?: string[];
          price?: {
            input: number;
            output: number;
            cached_input?: number;
            cache_write?: number;
            tiers?: {
              from_input_tokens: number;
              input: number;
              output: number;
              cached_input?: number;
              cache_write?: number;
            }[];
          };
          max_concurrency?: number;
          timeout_seconds?: number;
          max_output_tokens?: number;
          context_tokens?: number;
        }[];
        rules?: {
          tenant: string;
          match: {
            exact: string[];
          } | {
            prefix: string[];
          } | {
            regex: string;
          } | {
            keywords: string[];
          };
          reply?: string;
          model?: string;
          ignore?: true;
        }[];
        guard?: {
          tenant: string;
          mask?: ('credit_card' | 'cn_id_card' | 'cn_mobile' | 'us_ssn' | 'email' | 'iban' | 'secret')[];
          patterns?: {
            name: string;
            regex: string;
          }[];
          block_keywords?: string[];
          replace_keywords?: string[];
          injection?: 'flag' | 'refuse' | 'off';
          dry_run?: boolean;
        }[];
        api_keys?: {
          id: string;
          tenant: string;
          key: string;
          limits?: {
            minute?: number;
            hour?: number;
            day?: number;
            tokens_minute?: number;
            tokens_hour?: number;
            tokens_day?: number;
          };
          scopes?: ('chat' | 'models' | 'quota' | 'tokens')[];
          expires_at?: string;
          signing_secret?: string;
        }[];
        api?: {
          cors_origins?: ('*' | string)[];
          ip_limit?: {
            requests?: number;
            window_seconds?: number;
          };
        };
      };
    };
  };
  'GET /config/versions/{version}/diff': {
    query: {
      with?: number;
    };
    body: undefined;
    answer: {
      with: number | null;
      changes: {
        path: string;
        before: unknown;
        after: unknown;
      }[];
    };
  };
  'POST /config/versions/{version}/activate': {
    query: Record<never, never>;
    body: undefined;
    answer: {
      version: number;
      changes: {
        path: string;
        before: unknown;
        after: unknown;
      }[];
    };
  };
  'GET /overview': {
    query: {
      tenant?: string;
      hours?: number;
    };
    body: undefined;
    answer: {
      totals: {
        messages: number;
        success: number;
        denied: number;
        failed: number;
        cost_usd: number;
        tokens_in: number;
        tokens_out: number;
        p50_ms: number | null;
        p95_ms: number | null;
        p99_ms: number | null;
        success_ratio: number | null;
      };
      previous: {
        messages: number;
        success: number;
        denied: number;
        failed: number;
        cost_usd: number;
        tokens_in: number;
        tokens_out: number;
        p50_ms: number | null;
        p95_ms: number | null;
        p99_ms: number | null;
        success_ratio: number | null;
      };
      series: {
        at: string;
        messages: number;
        failed: number;
        denied: number;
        cost_usd: number;
        p50_ms: number | null;
        p95_ms: number | null;
      }[];
      by_platform: {
        platform: string;
        messages: number;
        success_ratio: number | null;
        p95_ms: number | null;
        cost_usd: number;
      }[];
      by_tenant: {
        tenant: string;
        messages: number;
        cost_usd: number;
      }[];
      queue: {
        waiting: number;
        oldest_ms: number | null;
      };
      attention: {
        kind: string;
        severity: 'warning' | 'error';
        tenant: string | null;
        subject: string;
        message: {
          en: string;
          zh: string;
        };
        link: string | null;
      }[];
    };
  };
  'GET /turns': {
    query: {
      limit?: number;
      cursor?: string;
      tenant?: string;
      channel?: string;
      platform?: string;
      status?: 'success' | 'denied' | 'failed';
      kind?: 'model' | 'cache' | 'rule' | 'ignored' | 'command' | 'reset' | 'guard' | 'quota' | 'failure' | 'human';
      model?: string;
      user?: string;
      error_code?: string;
      conversation?: string;
      from?: string | string;
      to?: string | string;
      min_response_ms?: number;
      q?: string;
    };
    body: undefined;
    answer: {
      items: {
        id: string;
        tenant: string;
        channel: string;
        platform: string;
        conversation: string;
        user: string;
        kind: 'model' | 'cache' | 'rule' | 'ignored' | 'command' | 'reset' | 'guard' | 'quota' | 'failure' | 'human';
        model: string | null;
        status: 'success' | 'denied' | 'failed';
        error_code: string | null;
        tokens_in: number;
        tokens_out: number;
        cost_usd: number;
        response_ms: number;
        attempts: number;
        created_at: string;
      }[];
      next_cursor: string | null;
    };
  };
  'GET /turns/errors': {
    query: {
      tenant?: string;
      channel?: string;
      platform?: string;
      status?: 'success' | 'denied' | 'failed';
      kind?: 'model' | 'cache' | 'rule' | 'ignored' | 'command' | 'reset' | 'guard' | 'quota' | 'failure' | 'human';
      model?: string;
      user?: string;
      error_code?: string;
      conversation?: string;
      from?: string | string;
      to?: string | string;
      min_response_ms?: number;
      q?: string;
    };
    body: undefined;
    answer: {
      rows: {
        error_code: string | null;
        turns: number;
        mean_response_ms: number;
      }[];
    };
  };
  'GET /turns/{id}': {
    query: Record<never, never>;
    body: undefined;
    answer: {
      id: string;
      tenant: string;
      channel: string;
      platform: string;
      conversation: string;
      user: string;
      kind: 'model' | 'cache' | 'rule' | 'ignored' | 'command' | 'reset' | 'guard' | 'quota' | 'failure' | 'human';
      model: string | null;
      status: 'success' | 'denied' | 'failed';
      error_code: string | null;
      tokens_in: number;
      tokens_out: number;
      cost_usd: number;
      response_ms: number;
      attempts: number;
      created_at: string;
      question: string | null;
      answer: string | null;
      timeline: {
        at_ms: number;
        what: string;
        detail?: Record<string, unknown>;
      }[];
      why: {
        en: string;
        zh: string;
      };
    };
  };
  'POST /turns/{id}/replay': {
    query: Record<never, never>;
    body: undefined;
    answer: {
      turn: string;
    };
  };
  'GET /conversations': {
    query: {
      limit?: number;
      cursor?: string;
      tenant?: string;
      channel?: string;
      platform?: string;
      q?: string;
      taken_over?: 'true' | 'false';
    };
    body: undefined;
    answer: {
      items: {
        tenant: string;
        id: string;
        channel: string;
        platform: string;
        chat_kind: 'direct' | 'group';
        created_at: string;
        last_at: string;
        turns: number;
        last_text: string | null;
        taken_over: {
          by: string;
          since: string;
        } | null;
      }[];
      next_cursor: string | null;
    };
  };
  'GET /conversations/{tenant}/{conversation}': {
    query: Record<never, never>;
    body: undefined;
    answer: {
      tenant: string;
      id: string;
      channel: string;
      platform: string;
      chat_kind: 'direct' | 'group';
      created_at: string;
      last_at: string;
      turns: number;
      last_text: string | null;
      taken_over: {
        by: string;
        since: string;
      } | null;
      state: {
        waiting: number;
        model: string | null;
      };
    };
  };
  'GET /conversations/{tenant}/{conversation}/messages': {
    query: {
      limit?: number;
      cursor?: string;
    };
    body: undefined;
    answer: {
      items: {
        id: string;
        role: 'user' | 'assistant' | 'human';
        content: string;
        turn: string;
        at: string;
        by?: string;
      }[];
      next_cursor: string | null;
    };
  };
  'POST /conversations/{tenant}/{conversation}/messages': {
    query: Record<never, never>;
    body: {
      text: string;
    };
    answer: {
      turn: string;
    };
  };
  'POST /conversations/{tenant}/{conversation}/takeover': {
    query: Record<never, never>;
    body: undefined;
    answer: {
      taken_over: {
        by: string;
        since: string;
      };
    };
  };
  'DELETE /conversations/{tenant}/{conversation}/takeover': {
    query: Record<never, never>;
    body: undefined;
    answer: undefined;
  };
  'GET /dead-letters': {
    query: {
      limit?: number;
      cursor?: string;
      tenant?: string;
    };
    body: undefined;
    answer: {
      items: {
        tenant: string;
        id: string;
        channel: string;
        conversation: string;
        error_code: string;
        message: string;
        why: {
          en: string;
          zh: string;
        };
        at: string;
        attempts: number;
        question?: string;
        answer?: string;
      }[];
      next_cursor: string | null;
    };
  };
  'GET /dead-letters/{tenant}/{id}': {
    query: Record<never, never>;
    body: undefined;
    answer: {
      tenant: string;
      id: string;
      channel: string;
      conversation: string;
      error_code: string;
      message: string;
      why: {
        en: string;
        zh: string;
      };
      at: string;
      attempts: number;
      question?: string;
      answer?: string;
    };
  };
  'DELETE /dead-letters/{tenant}/{id}': {
    query: Record<never, never>;
    body: undefined;
    answer: undefined;
  };
  'POST /dead-letters/{tenant}/{id}/replay': {
    query: Record<never, never>;
    body: undefined;
    answer: {
      turn: string;
    };
  };
  'GET /usage': {
    query: {
      tenant?: string;
      from?: string | string;
      to?: string | string;
      group_by?: string;
    };
    body: undefined;
    answer: {
      rows: {
        day?: string;
        tenant?: string;
        model?: string;
        user?: string;
        channel?: string;
        requests: number;
        tokens_in: number;
        tokens_out: number;
        cached_tokens: number;
        cost_usd: number;
      }[];
      totals: {
        requests: number;
        tokens_in: number;
        tokens_out: number;
        cached_tokens: number;
        cost_usd: number;
      };
    };
  };
  'GET /usage.csv': {
    query: {
      tenant?: string;
      from?: string | string;
      to?: string | string;
      group_by?: string;
    };
    body: undefined;
    answer: undefined;
  };
  'GET /quota': {
    query: {
      tenant: string;
      user?: string;
    };
    body: undefined;
    answer: {
      limits: {
        level: 'tenant' | 'user' | 'model' | 'api_key' | 'platform' | 'group';
        name?: string;
        window: 'minute' | 'hour' | 'day' | 'month';
        unit: 'requests' | 'tokens' | 'usd';
        limit: number;
        used: number;
        remaining: number;
        reset_at: string;
      }[];
      budget: {
        limit_usd: number;
        spent_usd: number;
        reserved_usd: number;
        forecast_usd: number;
        forecast_by_month_usd: number | null;
        forecast_by_week_usd: number;
        on_exceeded: 'block' | 'downgrade';
        resets_at: string;
      } | null;
      raise: {
        until: string;
        factor: number;
        budget_usd?: number;
      } | null;
      history: {
        day: string;
        cost_usd: number;
        requests: number;
      }[];
    };
  };
  'GET /api-keys': {
    query: {
      limit?: number;
      cursor?: string;
      tenant?: string;
      prefix?: string;
    };
    body: undefined;
    answer: {
      items: {
        tenant: string;
        id: string;
        name: string;
        prefix: string;
        scopes: string[];
        limits: Record<string, number> | null;
        origin: 'file' | 'environment' | 'console';
        created_at: string | null;
        created_by: string | null;
        expires_at: string | null;
        last_used_at: string | null;
        revoked_at: string | null;
      }[];
      next_cursor: string | null;
    };
  };
  'POST /api-keys': {
    query: Record<never, never>;
    body: {
      tenant: string;
      name: string;
      scopes?: ('chat' | 'models' | 'quota' | 'tokens')[];
      limits?: {
        minute?: number;
        hour?: number;
        day?: number;
        tokens_minute?: number;
        tokens_hour?: number;
        tokens_day?: number;
      };
      expires_at?: string;
      signed?: boolean;
    };
    answer: {
      tenant: string;
      id: string;
      name: string;
      prefix: string;
      scopes: string[];
      limits: Record<string, number> | null;
      origin: 'file' | 'environment' | 'console';
      created_at: string | null;
      created_by: string | null;
      expires_at: string | null;
      last_used_at: string | null;
      revoked_at: string | null;
      key: string;
      signing_secret?: string;
    };
  };
  'DELETE /api-keys/{tenant}/{id}': {
    query: Record<never, never>;
    body: undefined;
    answer: undefined;
  };
  'GET /audit': {
    query: {
      limit?: number;
      cursor?: string;
      tenant?: string;
      actor?: string;
      action?: string;
      target?: string;
      from?: string | string;
      to?: string | string;
    };
    body: undefined;
    answer: {
      items: {
        seq: number;
        tenant: string;
        at: string;
        actor: string;
        action: string;
        target: string;
        detail: unknown;
      }[];
      next_cursor: string | null;
    };
  };
  'POST /audit/verify': {
    query: Record<never, never>;
    body: {
      tenant?: string;
    };
    answer: {
      records: number;
      faults: {
        tenant: string;
        seq: number;
        fault: string;
      }[];
    };
  };
  'GET /audit/export': {
    query: {
      tenant: string;
    };
    body: undefined;
    answer: undefined;
  };
  'POST /audit/erase-user': {
    query: Record<never, never>;
    body: {
      tenant: string;
      user: string;
    };
    answer: {
      messages: number;
      records: number;
    };
  };
  'POST /playground': {
    query: Record<never, never>;
    body: {
      tenant: string;
      messages: ({
        role: 'system';
        content: string;
      } | {
        role: 'user';
        content: string;
      } | {
        role: 'assistant';
        content: string;
      })[];
      model?: string;
      channel?: string;
    };
    answer: undefined;
  };
  'GET /events': {
    query: Record<never, never>;
    body: undefined;
    answer: undefined;
  };
  'GET /system': {
    query: Record<never, never>;
    body: undefined;
    answer: {
      version: string;
      node: string;
      role: string;
      schema_version: number;
      redis: {
        ok: boolean;
        latency_ms: number | null;
        memory_bytes: number | null;
      };
      postgres: {
        ok: boolean;
        latency_ms: number | null;
      };
      uptime_seconds: number;
    };
  };
  'GET /sandbox': {
    query: Record<never, never>;
    body: undefined;
    answer: {
      state: 'off' | 'starting' | 'on';
      tenant: string | null;
      channels: {
        platform: 'feishu' | 'telegram' | 'slack';
        channel: string;
        chats: {
          id: string;
          name: string;
          kind: 'direct' | 'group';
          people: string[];
        }[];
        people: {
          id: string;
          name: string;
        }[];
      }[];
      error: string | null;
    };
  };
  'POST /sandbox/start': {
    query: Record<never, never>;
    body: undefined;
    answer: {
      state: 'off' | 'starting' | 'on';
      tenant: string | null;
      channels: {
        platform: 'feishu' | 'telegram' | 'slack';
        channel: string;
        chats: {
          id: string;
          name: string;
          kind: 'direct' | 'group';
          people: string[];
        }[];
        people: {
          id: string;
          name: string;
        }[];
      }[];
      error: string | null;
    };
  };
  'POST /sandbox/stop': {
    query: Record<never, never>;
    body: undefined;
    answer: {
      state: 'off' | 'starting' | 'on';
      tenant: string | null;
      channels: {
        platform: 'feishu' | 'telegram' | 'slack';
        channel: string;
        chats: {
          id: string;
          name: string;
          kind: 'direct' | 'group';
          people: string[];
        }[];
        people: {
          id: string;
          name: string;
        }[];
      }[];
      error: string | null;
    };
  };
  'GET /sandbox/{platform}/chats/{chat}/messages': {
    query: Record<never, never>;
    body: undefined;
    answer: {
      items: {
        id: string;
        from: 'person' | 'bot';
        name: string;
        text: string;
        thread?: string;
        reply_to?: string;
        at: string;
        edited: boolean;
      }[];
      typing: boolean;
    };
  };
  'POST /sandbox/{platform}/chats/{chat}/messages': {
    query: Record<never, never>;
    body: {
      person: string;
      text: string;
      mention?: boolean;
      thread?: string;
    };
    answer: {
      id: string;
    };
  };
}
