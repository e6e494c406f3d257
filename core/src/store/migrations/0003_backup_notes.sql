CREATE TABLE "backup_notes" (
	"event" text PRIMARY KEY NOT NULL,
	"backup" text NOT NULL,
	"place" text NOT NULL,
	"taken_at" timestamp (3) with time zone NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"rows" bigint NOT NULL,
	"bytes" bigint NOT NULL
);
