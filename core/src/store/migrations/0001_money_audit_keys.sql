CREATE TABLE "api_keys" (
	"tenant" text NOT NULL,
	"id" text NOT NULL,
	"prefix" text NOT NULL,
	"hash" text NOT NULL,
	"scopes" jsonb NOT NULL,
	"limits" jsonb,
	"sealed_signing_secret" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"last_used_at" timestamp (3) with time zone,
	"revoked_at" timestamp (3) with time zone,
	CONSTRAINT "api_keys_tenant_id_pk" PRIMARY KEY("tenant","id")
);
--> statement-breakpoint
CREATE TABLE "audit" (
	"tenant" text NOT NULL,
	"seq" bigint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"target" text NOT NULL,
	"detail" text,
	"salt" text,
	"detail_hash" text NOT NULL,
	"previous_hash" text NOT NULL,
	"hash" text NOT NULL,
	CONSTRAINT "audit_tenant_seq_pk" PRIMARY KEY("tenant","seq")
);
--> statement-breakpoint
CREATE TABLE "audit_chains" (
	"tenant" text PRIMARY KEY NOT NULL,
	"last_seq" bigint NOT NULL,
	"last_hash" text NOT NULL,
	"anchor_seq" bigint NOT NULL,
	"anchor_hash" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "ledger" (
	"tenant" text NOT NULL,
	"request_id" text NOT NULL,
	"platform" text NOT NULL,
	"user" text NOT NULL,
	"group" text,
	"api_key" text,
	"model" text,
	"status" text NOT NULL,
	"input_tokens" bigint NOT NULL,
	"cached_input_tokens" bigint NOT NULL,
	"output_tokens" bigint NOT NULL,
	"cost_micro_usd" bigint NOT NULL,
	"estimated" boolean NOT NULL,
	"cached" boolean NOT NULL,
	"unreconciled" boolean NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "ledger_tenant_request_id_pk" PRIMARY KEY("tenant","request_id")
);
--> statement-breakpoint
CREATE TABLE "model_keys" (
	"fingerprint" text NOT NULL,
	"model" text NOT NULL,
	"first_seen" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "model_keys_fingerprint_model_pk" PRIMARY KEY("fingerprint","model")
);
--> statement-breakpoint
CREATE TABLE "signing_keys" (
	"kid" text PRIMARY KEY NOT NULL,
	"public_jwk" jsonb NOT NULL,
	"sealed" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"retired_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE UNIQUE INDEX "api_keys_hash" ON "api_keys" USING btree ("hash");--> statement-breakpoint
CREATE INDEX "api_keys_prefix" ON "api_keys" USING btree ("prefix");--> statement-breakpoint
CREATE INDEX "audit_tenant_time" ON "audit" USING btree ("tenant","at");--> statement-breakpoint
CREATE INDEX "audit_actor" ON "audit" USING btree ("tenant","actor");--> statement-breakpoint
CREATE INDEX "ledger_tenant_time" ON "ledger" USING btree ("tenant","at");