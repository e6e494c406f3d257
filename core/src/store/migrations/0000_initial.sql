CREATE TABLE "channels" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant" text NOT NULL,
	"platform" text NOT NULL,
	"sealed" text NOT NULL,
	"source" text NOT NULL,
	"active" boolean DEFAULT true NOT NULL,
	"settings" jsonb NOT NULL,
	"digest" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "conversations" (
	"tenant" text NOT NULL,
	"id" text NOT NULL,
	"channel" text NOT NULL,
	"platform" text NOT NULL,
	"chat_kind" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"last_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "conversations_tenant_id_pk" PRIMARY KEY("tenant","id")
);
--> statement-breakpoint
CREATE TABLE "messages" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "messages_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"tenant" text NOT NULL,
	"conversation" text NOT NULL,
	"turn" text NOT NULL,
	"role" text NOT NULL,
	"content" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "models" (
	"tenant" text NOT NULL,
	"id" text NOT NULL,
	"provider" text NOT NULL,
	"sealed" text NOT NULL,
	"source" text NOT NULL,
	"active" boolean DEFAULT true NOT NULL,
	"settings" jsonb NOT NULL,
	"digest" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "models_tenant_id_pk" PRIMARY KEY("tenant","id")
);
--> statement-breakpoint
CREATE TABLE "tenants" (
	"tenant" text PRIMARY KEY NOT NULL,
	"name" text,
	"source" text NOT NULL,
	"active" boolean DEFAULT true NOT NULL,
	"settings" jsonb NOT NULL,
	"digest" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "turns" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant" text NOT NULL,
	"channel" text NOT NULL,
	"platform" text NOT NULL,
	"conversation" text NOT NULL,
	"user" text NOT NULL,
	"kind" text NOT NULL,
	"model" text,
	"status" text NOT NULL,
	"error_code" text,
	"tokens_in" integer NOT NULL,
	"tokens_out" integer NOT NULL,
	"cost_micro_usd" bigint NOT NULL,
	"response_ms" integer NOT NULL,
	"attempts" smallint NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"finished_at" timestamp (3) with time zone NOT NULL,
	"timeline" jsonb NOT NULL
);
--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_turn_turns_id_fk" FOREIGN KEY ("turn") REFERENCES "public"."turns"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "turns" ADD CONSTRAINT "turns_conversation" FOREIGN KEY ("tenant","conversation") REFERENCES "public"."conversations"("tenant","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "channels_tenant" ON "channels" USING btree ("tenant");--> statement-breakpoint
CREATE INDEX "conversations_tenant_last" ON "conversations" USING btree ("tenant","last_at");--> statement-breakpoint
CREATE UNIQUE INDEX "messages_turn_role" ON "messages" USING btree ("turn","role");--> statement-breakpoint
CREATE INDEX "messages_conversation_time" ON "messages" USING btree ("tenant","conversation","created_at");--> statement-breakpoint
CREATE INDEX "turns_tenant_time" ON "turns" USING btree ("tenant","created_at");--> statement-breakpoint
CREATE INDEX "turns_conversation_time" ON "turns" USING btree ("tenant","conversation","created_at");--> statement-breakpoint
CREATE INDEX "turns_user_time" ON "turns" USING btree ("tenant","user","created_at");--> statement-breakpoint
CREATE INDEX "turns_not_successful" ON "turns" USING btree ("tenant","created_at") WHERE "turns"."status" <> 'success';