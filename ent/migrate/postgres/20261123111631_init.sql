-- +goose Up
-- create "number_blocks" table
CREATE TABLE "number_blocks" ("tenant" character varying NOT NULL, "id" uuid NOT NULL, "day" character varying NOT NULL, "next" bigint NOT NULL, PRIMARY KEY ("tenant", "id"));
-- create index "numberblock_tenant_day" to table: "number_blocks"
CREATE UNIQUE INDEX "numberblock_tenant_day" ON "number_blocks" ("tenant", "day");
-- create "work_orders" table
CREATE TABLE "work_orders" ("tenant" character varying NOT NULL, "id" uuid NOT NULL, "number" character varying NOT NULL, "version" bigint NOT NULL DEFAULT 1, "state" character varying NOT NULL, "disposition" character varying NOT NULL, "kind" character varying NOT NULL, "category" character varying NOT NULL, "urgency" character varying NOT NULL, "channel" character varying NOT NULL, "title" character varying NOT NULL, "district" character varying NOT NULL DEFAULT '', "confidential" boolean NOT NULL DEFAULT false, "anonymous" boolean NOT NULL DEFAULT false, "law_enforcement" boolean NOT NULL DEFAULT false, "name" bytea NULL, "phone" bytea NULL, "id_number" bytea NULL, "address" bytea NULL, "email" bytea NULL, "words" bytea NULL, "body" bytea NULL, "location" bytea NULL, "evidence" bytea NULL, "phone_index" bytea NULL, "code" bytea NULL, "reason" character varying NOT NULL DEFAULT '', "told" character varying NOT NULL DEFAULT '', "citation" character varying NOT NULL DEFAULT '', "target_city" character varying NOT NULL DEFAULT '', "repeat_of" character varying NOT NULL DEFAULT '', "source_id" character varying NULL, "taken_by" character varying NOT NULL DEFAULT '', "holder" character varying NOT NULL DEFAULT '', "lead" character varying NOT NULL DEFAULT '', "lead_path" character varying NOT NULL DEFAULT '', "conclusion" character varying NOT NULL DEFAULT '', "public_answer" text NOT NULL DEFAULT '', "urges" bigint NOT NULL DEFAULT 0, "reworks" bigint NOT NULL DEFAULT 0, "supplements" bigint NOT NULL DEFAULT 0, "overdue" boolean NOT NULL DEFAULT false, "events" bigint NOT NULL DEFAULT 0, "event_head" bytea NULL, "readings" bigint NOT NULL DEFAULT 0, "reading_head" bytea NULL, "received_at" timestamptz NOT NULL, "dispatched_at" timestamptz NULL, "concluded_at" timestamptz NULL, "closed_at" timestamptz NULL, "due_at" timestamptz NOT NULL, "created_at" timestamptz NOT NULL, PRIMARY KEY ("tenant", "id"));
-- create index "workorder_tenant_category_district_received_at" to table: "work_orders"
CREATE INDEX "workorder_tenant_category_district_received_at" ON "work_orders" ("tenant", "category", "district", "received_at");
-- create index "workorder_tenant_number" to table: "work_orders"
CREATE UNIQUE INDEX "workorder_tenant_number" ON "work_orders" ("tenant", "number");
-- create index "workorder_tenant_phone_index_received_at" to table: "work_orders"
CREATE INDEX "workorder_tenant_phone_index_received_at" ON "work_orders" ("tenant", "phone_index", "received_at");
-- create index "workorder_tenant_received_at_id" to table: "work_orders"
CREATE INDEX "workorder_tenant_received_at_id" ON "work_orders" ("tenant", "received_at", "id");
-- create index "workorder_tenant_source_id" to table: "work_orders"
CREATE UNIQUE INDEX "workorder_tenant_source_id" ON "work_orders" ("tenant", "source_id");
-- create index "workorder_tenant_state_due_at_id" to table: "work_orders"
CREATE INDEX "workorder_tenant_state_due_at_id" ON "work_orders" ("tenant", "state", "due_at", "id");
-- create index "workorder_tenant_state_received_at_id" to table: "work_orders"
CREATE INDEX "workorder_tenant_state_received_at_id" ON "work_orders" ("tenant", "state", "received_at", "id");
-- create "rulebooks" table
CREATE TABLE "rulebooks" ("tenant" character varying NOT NULL, "id" uuid NOT NULL, "kind" character varying NOT NULL, "version" bigint NOT NULL, "body" text NOT NULL, "author" character varying NOT NULL, "reason" character varying NOT NULL, "created_at" timestamptz NOT NULL, PRIMARY KEY ("tenant", "id"));
-- create index "rulebook_tenant_kind_version" to table: "rulebooks"
CREATE UNIQUE INDEX "rulebook_tenant_kind_version" ON "rulebooks" ("tenant", "kind", "version");
-- create "catalogue_entries" table
CREATE TABLE "catalogue_entries" ("tenant" character varying NOT NULL, "id" uuid NOT NULL, "category" character varying NOT NULL, "district" character varying NOT NULL DEFAULT '', "lead" character varying NOT NULL, "assist" jsonb NULL, "ground" character varying NOT NULL, "not_to_street" boolean NOT NULL DEFAULT false, "keywords" jsonb NULL, "retired" boolean NOT NULL DEFAULT false, PRIMARY KEY ("tenant", "id"));
-- create index "catalogueentry_tenant_category_district_lead" to table: "catalogue_entries"
CREATE UNIQUE INDEX "catalogueentry_tenant_category_district_lead" ON "catalogue_entries" ("tenant", "category", "district", "lead");
-- create "categories" table
CREATE TABLE "categories" ("tenant" character varying NOT NULL, "id" uuid NOT NULL, "code" character varying NOT NULL, "title" character varying NOT NULL, "national_title" character varying NOT NULL DEFAULT '', "definition" character varying NOT NULL DEFAULT '', "distinguish" character varying NOT NULL DEFAULT '', "typical" jsonb NULL, "retired" boolean NOT NULL DEFAULT false, PRIMARY KEY ("tenant", "id"));
-- create index "category_tenant_code" to table: "categories"
CREATE UNIQUE INDEX "category_tenant_code" ON "categories" ("tenant", "code");
-- create "cities" table
CREATE TABLE "cities" ("id" uuid NOT NULL, "code" character varying NOT NULL, "title" character varying NOT NULL, "region" character varying NOT NULL DEFAULT '', "suite" character varying NOT NULL DEFAULT 'aes', "shredded_at" timestamptz NULL, "created_at" timestamptz NOT NULL, PRIMARY KEY ("id"));
-- create index "cities_code_key" to table: "cities"
CREATE UNIQUE INDEX "cities_code_key" ON "cities" ("code");
-- create "accounts" table
CREATE TABLE "accounts" ("id" uuid NOT NULL, "login" character varying NOT NULL, "display_name" character varying NOT NULL, "password" character varying NOT NULL, "disabled" boolean NOT NULL DEFAULT false, "created_at" timestamptz NOT NULL, PRIMARY KEY ("id"));
-- create index "accounts_login_key" to table: "accounts"
CREATE UNIQUE INDEX "accounts_login_key" ON "accounts" ("login");
-- create "data_keys" table
CREATE TABLE "data_keys" ("tenant" character varying NOT NULL, "id" uuid NOT NULL, "kind" character varying NOT NULL, "generation" bigint NOT NULL, "suite" character varying NOT NULL, "master_id" character varying NOT NULL, "wrapped" bytea NOT NULL, "created_at" timestamptz NOT NULL, PRIMARY KEY ("tenant", "id"));
-- create index "datakey_tenant_kind_generation" to table: "data_keys"
CREATE UNIQUE INDEX "datakey_tenant_kind_generation" ON "data_keys" ("tenant", "kind", "generation");
-- create "events" table
CREATE TABLE "events" ("tenant" character varying NOT NULL, "id" uuid NOT NULL, "work_order_id" uuid NOT NULL, "seq" bigint NOT NULL, "verb" character varying NOT NULL, "from_state" character varying NOT NULL, "to_state" character varying NOT NULL, "actor" character varying NOT NULL, "role" character varying NOT NULL, "unit" character varying NOT NULL, "summary" character varying NOT NULL, "note" bytea NULL, "note_digest" bytea NULL, "public" boolean NOT NULL, "seal" bytea NOT NULL, "created_at" timestamptz NOT NULL, PRIMARY KEY ("tenant", "id"));
-- create index "event_tenant_work_order_id_seq" to table: "events"
CREATE UNIQUE INDEX "event_tenant_work_order_id_seq" ON "events" ("tenant", "work_order_id", "seq");
-- create "sessions" table
CREATE TABLE "sessions" ("id" uuid NOT NULL, "account_id" uuid NOT NULL, "city" character varying NOT NULL, "refresh" bytea NOT NULL, "turn" bigint NOT NULL DEFAULT 0, "expires_at" timestamptz NOT NULL, "ended_at" timestamptz NULL, "ended_why" character varying NOT NULL DEFAULT '', "created_at" timestamptz NOT NULL, PRIMARY KEY ("id"));
-- create index "session_account_id_city" to table: "sessions"
CREATE INDEX "session_account_id_city" ON "sessions" ("account_id", "city");
-- create "signing_keys" table
CREATE TABLE "signing_keys" ("id" uuid NOT NULL, "kid" character varying NOT NULL, "public" bytea NOT NULL, "sealed" bytea NOT NULL, "signs_until" timestamptz NOT NULL, "verifies_until" timestamptz NOT NULL, "created_at" timestamptz NOT NULL, PRIMARY KEY ("id"));
-- create index "signing_keys_kid_key" to table: "signing_keys"
CREATE UNIQUE INDEX "signing_keys_kid_key" ON "signing_keys" ("kid");
-- create "units" table
CREATE TABLE "units" ("tenant" character varying NOT NULL, "id" uuid NOT NULL, "code" character varying NOT NULL, "title" character varying NOT NULL, "parent" character varying NOT NULL DEFAULT '', "path" character varying NOT NULL, "kind" character varying NOT NULL, "district" character varying NOT NULL DEFAULT '', "retired" boolean NOT NULL DEFAULT false, PRIMARY KEY ("tenant", "id"));
-- create index "unit_tenant_code" to table: "units"
CREATE UNIQUE INDEX "unit_tenant_code" ON "units" ("tenant", "code");
-- create "grants" table
CREATE TABLE "grants" ("id" uuid NOT NULL, "account_id" uuid NOT NULL, "city" character varying NOT NULL, "role" character varying NOT NULL, "unit" character varying NOT NULL DEFAULT '', "created_at" timestamptz NOT NULL, PRIMARY KEY ("id"));
-- create index "grant_account_id_city_role_unit" to table: "grants"
CREATE UNIQUE INDEX "grant_account_id_city_role_unit" ON "grants" ("account_id", "city", "role", "unit");
-- create index "grant_city" to table: "grants"
CREATE INDEX "grant_city" ON "grants" ("city");
-- create "throttles" table
CREATE TABLE "throttles" ("id" uuid NOT NULL, "key" bytea NOT NULL, "failures" bigint NOT NULL DEFAULT 0, "until" timestamptz NOT NULL, "updated_at" timestamptz NOT NULL, PRIMARY KEY ("id"));
-- create index "throttles_key_key" to table: "throttles"
CREATE UNIQUE INDEX "throttles_key_key" ON "throttles" ("key");
-- create "records" table
CREATE TABLE "records" ("tenant" character varying NOT NULL, "id" uuid NOT NULL, "seq" bigint NOT NULL, "act" character varying NOT NULL, "actor" character varying NOT NULL, "summary" character varying NOT NULL, "seal" bytea NOT NULL, "created_at" timestamptz NOT NULL, PRIMARY KEY ("tenant", "id"));
-- create index "record_tenant_seq" to table: "records"
CREATE UNIQUE INDEX "record_tenant_seq" ON "records" ("tenant", "seq");
-- create "assignments" table
CREATE TABLE "assignments" ("tenant" character varying NOT NULL, "id" uuid NOT NULL, "work_order_id" uuid NOT NULL, "parent_id" uuid NULL, "unit" character varying NOT NULL, "path" character varying NOT NULL, "lead" boolean NOT NULL, "state" character varying NOT NULL, "instruction" character varying NOT NULL DEFAULT '', "handler" character varying NOT NULL DEFAULT '', "round" bigint NOT NULL DEFAULT 0, "dispatched_at" timestamptz NOT NULL, "signed_at" timestamptz NULL, "contacted_at" timestamptz NULL, "replied_at" timestamptz NULL, "ended_at" timestamptz NULL, PRIMARY KEY ("tenant", "id"), CONSTRAINT "assignments_work_order_id" FOREIGN KEY ("tenant", "work_order_id") REFERENCES "work_orders" ("tenant", "id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "assignment_tenant_path" to table: "assignments"
CREATE INDEX "assignment_tenant_path" ON "assignments" ("tenant", "path");
-- create index "assignment_tenant_unit_state" to table: "assignments"
CREATE INDEX "assignment_tenant_unit_state" ON "assignments" ("tenant", "unit", "state");
-- create index "assignment_tenant_work_order_id" to table: "assignments"
CREATE INDEX "assignment_tenant_work_order_id" ON "assignments" ("tenant", "work_order_id");
-- create "callbacks" table
CREATE TABLE "callbacks" ("tenant" character varying NOT NULL, "id" uuid NOT NULL, "work_order_id" uuid NOT NULL, "round" bigint NOT NULL, "attempt" bigint NOT NULL, "reached" boolean NOT NULL, "contacted" boolean NOT NULL DEFAULT false, "solved" boolean NOT NULL DEFAULT false, "result_grade" bigint NOT NULL DEFAULT 0, "attitude_grade" bigint NOT NULL DEFAULT 0, "words" bytea NULL, "channel" character varying NOT NULL, "author" character varying NOT NULL, "created_at" timestamptz NOT NULL, PRIMARY KEY ("tenant", "id"), CONSTRAINT "callbacks_work_order_id" FOREIGN KEY ("tenant", "work_order_id") REFERENCES "work_orders" ("tenant", "id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "callback_tenant_work_order_id_round_attempt" to table: "callbacks"
CREATE UNIQUE INDEX "callback_tenant_work_order_id_round_attempt" ON "callbacks" ("tenant", "work_order_id", "round", "attempt");
-- create "clocks" table
CREATE TABLE "clocks" ("tenant" character varying NOT NULL, "id" uuid NOT NULL, "work_order_id" uuid NOT NULL, "step" character varying NOT NULL, "unit" character varying NOT NULL DEFAULT '', "span" character varying NOT NULL, "policy" bigint NOT NULL, "start_at" timestamptz NOT NULL, "due_at" timestamptz NOT NULL, "stop_at" timestamptz NULL, "overdue_at" timestamptz NULL, PRIMARY KEY ("tenant", "id"), CONSTRAINT "clocks_work_order_id" FOREIGN KEY ("tenant", "work_order_id") REFERENCES "work_orders" ("tenant", "id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "clock_tenant_stop_at_overdue_at_due_at" to table: "clocks"
CREATE INDEX "clock_tenant_stop_at_overdue_at_due_at" ON "clocks" ("tenant", "stop_at", "overdue_at", "due_at");
-- create index "clock_tenant_work_order_id" to table: "clocks"
CREATE INDEX "clock_tenant_work_order_id" ON "clocks" ("tenant", "work_order_id");
-- create "ratings" table
CREATE TABLE "ratings" ("tenant" character varying NOT NULL, "id" uuid NOT NULL, "work_order_id" uuid NOT NULL, "token" bytea NOT NULL, "expires_at" timestamptz NOT NULL, "rated_at" timestamptz NULL, "result_grade" bigint NOT NULL DEFAULT 0, "attitude_grade" bigint NOT NULL DEFAULT 0, "words" bytea NULL, "created_at" timestamptz NOT NULL, PRIMARY KEY ("tenant", "id"), CONSTRAINT "ratings_work_order_id" FOREIGN KEY ("tenant", "work_order_id") REFERENCES "work_orders" ("tenant", "id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "rating_tenant_token" to table: "ratings"
CREATE UNIQUE INDEX "rating_tenant_token" ON "ratings" ("tenant", "token");
-- create index "rating_tenant_work_order_id" to table: "ratings"
CREATE INDEX "rating_tenant_work_order_id" ON "ratings" ("tenant", "work_order_id");
-- create "readings" table
CREATE TABLE "readings" ("tenant" character varying NOT NULL, "id" uuid NOT NULL, "work_order_id" uuid NOT NULL, "seq" bigint NOT NULL, "actor" character varying NOT NULL, "role" character varying NOT NULL, "unit" character varying NOT NULL, "fields" character varying NOT NULL, "situation" character varying NOT NULL, "reason" character varying NOT NULL, "until_at" timestamptz NULL, "seal" bytea NOT NULL, "created_at" timestamptz NOT NULL, PRIMARY KEY ("tenant", "id"), CONSTRAINT "readings_work_order_id" FOREIGN KEY ("tenant", "work_order_id") REFERENCES "work_orders" ("tenant", "id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "reading_tenant_actor_id" to table: "readings"
CREATE INDEX "reading_tenant_actor_id" ON "readings" ("tenant", "actor", "id");
-- create index "reading_tenant_work_order_id_seq" to table: "readings"
CREATE UNIQUE INDEX "reading_tenant_work_order_id_seq" ON "readings" ("tenant", "work_order_id", "seq");
-- create "receipts" table
CREATE TABLE "receipts" ("tenant" character varying NOT NULL, "id" uuid NOT NULL, "actor" character varying NOT NULL, "request_id" character varying NOT NULL, "verb" character varying NOT NULL, "fingerprint" bytea NOT NULL, "work_order_id" uuid NOT NULL, "code" bytea NULL, "created_at" timestamptz NOT NULL, PRIMARY KEY ("tenant", "id"), CONSTRAINT "receipts_work_order_id" FOREIGN KEY ("tenant", "work_order_id") REFERENCES "work_orders" ("tenant", "id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "receipt_tenant_actor_request_id" to table: "receipts"
CREATE UNIQUE INDEX "receipt_tenant_actor_request_id" ON "receipts" ("tenant", "actor", "request_id");
-- create "replies" table
CREATE TABLE "replies" ("tenant" character varying NOT NULL, "id" uuid NOT NULL, "work_order_id" uuid NOT NULL, "assignment_id" uuid NOT NULL, "round" bigint NOT NULL, "public_part" text NOT NULL, "internal_part" bytea NULL, "conclusion" character varying NOT NULL, "measures" character varying NOT NULL DEFAULT '', "ground" character varying NOT NULL DEFAULT '', "author" character varying NOT NULL, "verdict" character varying NOT NULL DEFAULT '', "remark" character varying NOT NULL DEFAULT '', "created_at" timestamptz NOT NULL, PRIMARY KEY ("tenant", "id"), CONSTRAINT "replies_assignment_id" FOREIGN KEY ("tenant", "assignment_id") REFERENCES "assignments" ("tenant", "id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "replies_work_order_id" FOREIGN KEY ("tenant", "work_order_id") REFERENCES "work_orders" ("tenant", "id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "reply_tenant_assignment_id_round" to table: "replies"
CREATE UNIQUE INDEX "reply_tenant_assignment_id_round" ON "replies" ("tenant", "assignment_id", "round");
-- create index "reply_tenant_work_order_id" to table: "replies"
CREATE INDEX "reply_tenant_work_order_id" ON "replies" ("tenant", "work_order_id");

-- +goose Down
-- reverse: create index "reply_tenant_work_order_id" to table: "replies"
DROP INDEX "reply_tenant_work_order_id";
-- reverse: create index "reply_tenant_assignment_id_round" to table: "replies"
DROP INDEX "reply_tenant_assignment_id_round";
-- reverse: create "replies" table
DROP TABLE "replies";
-- reverse: create index "receipt_tenant_actor_request_id" to table: "receipts"
DROP INDEX "receipt_tenant_actor_request_id";
-- reverse: create "receipts" table
DROP TABLE "receipts";
-- reverse: create index "reading_tenant_work_order_id_seq" to table: "readings"
DROP INDEX "reading_tenant_work_order_id_seq";
-- reverse: create index "reading_tenant_actor_id" to table: "readings"
DROP INDEX "reading_tenant_actor_id";
-- reverse: create "readings" table
DROP TABLE "readings";
-- reverse: create index "rating_tenant_work_order_id" to table: "ratings"
DROP INDEX "rating_tenant_work_order_id";
-- reverse: create index "rating_tenant_token" to table: "ratings"
DROP INDEX "rating_tenant_token";
-- reverse: create "ratings" table
DROP TABLE "ratings";
-- reverse: create index "clock_tenant_work_order_id" to table: "clocks"
DROP INDEX "clock_tenant_work_order_id";
-- reverse: create index "clock_tenant_stop_at_overdue_at_due_at" to table: "clocks"
DROP INDEX "clock_tenant_stop_at_overdue_at_due_at";
-- reverse: create "clocks" table
DROP TABLE "clocks";
-- reverse: create index "callback_tenant_work_order_id_round_attempt" to table: "callbacks"
DROP INDEX "callback_tenant_work_order_id_round_attempt";
-- reverse: create "callbacks" table
DROP TABLE "callbacks";
-- reverse: create index "assignment_tenant_work_order_id" to table: "assignments"
DROP INDEX "assignment_tenant_work_order_id";
-- reverse: create index "assignment_tenant_unit_state" to table: "assignments"
DROP INDEX "assignment_tenant_unit_state";
-- reverse: create index "assignment_tenant_path" to table: "assignments"
DROP INDEX "assignment_tenant_path";
-- reverse: create "assignments" table
DROP TABLE "assignments";
-- reverse: create index "record_tenant_seq" to table: "records"
DROP INDEX "record_tenant_seq";
-- reverse: create "records" table
DROP TABLE "records";
-- reverse: create index "throttles_key_key" to table: "throttles"
DROP INDEX "throttles_key_key";
-- reverse: create "throttles" table
DROP TABLE "throttles";
-- reverse: create index "grant_city" to table: "grants"
DROP INDEX "grant_city";
-- reverse: create index "grant_account_id_city_role_unit" to table: "grants"
DROP INDEX "grant_account_id_city_role_unit";
-- reverse: create "grants" table
DROP TABLE "grants";
-- reverse: create index "unit_tenant_code" to table: "units"
DROP INDEX "unit_tenant_code";
-- reverse: create "units" table
DROP TABLE "units";
-- reverse: create index "signing_keys_kid_key" to table: "signing_keys"
DROP INDEX "signing_keys_kid_key";
-- reverse: create "signing_keys" table
DROP TABLE "signing_keys";
-- reverse: create index "session_account_id_city" to table: "sessions"
DROP INDEX "session_account_id_city";
-- reverse: create "sessions" table
DROP TABLE "sessions";
-- reverse: create index "event_tenant_work_order_id_seq" to table: "events"
DROP INDEX "event_tenant_work_order_id_seq";
-- reverse: create "events" table
DROP TABLE "events";
-- reverse: create index "datakey_tenant_kind_generation" to table: "data_keys"
DROP INDEX "datakey_tenant_kind_generation";
-- reverse: create "data_keys" table
DROP TABLE "data_keys";
-- reverse: create index "accounts_login_key" to table: "accounts"
DROP INDEX "accounts_login_key";
-- reverse: create "accounts" table
DROP TABLE "accounts";
-- reverse: create index "cities_code_key" to table: "cities"
DROP INDEX "cities_code_key";
-- reverse: create "cities" table
DROP TABLE "cities";
-- reverse: create index "category_tenant_code" to table: "categories"
DROP INDEX "category_tenant_code";
-- reverse: create "categories" table
DROP TABLE "categories";
-- reverse: create index "catalogueentry_tenant_category_district_lead" to table: "catalogue_entries"
DROP INDEX "catalogueentry_tenant_category_district_lead";
-- reverse: create "catalogue_entries" table
DROP TABLE "catalogue_entries";
-- reverse: create index "rulebook_tenant_kind_version" to table: "rulebooks"
DROP INDEX "rulebook_tenant_kind_version";
-- reverse: create "rulebooks" table
DROP TABLE "rulebooks";
-- reverse: create index "workorder_tenant_state_received_at_id" to table: "work_orders"
DROP INDEX "workorder_tenant_state_received_at_id";
-- reverse: create index "workorder_tenant_state_due_at_id" to table: "work_orders"
DROP INDEX "workorder_tenant_state_due_at_id";
-- reverse: create index "workorder_tenant_source_id" to table: "work_orders"
DROP INDEX "workorder_tenant_source_id";
-- reverse: create index "workorder_tenant_received_at_id" to table: "work_orders"
DROP INDEX "workorder_tenant_received_at_id";
-- reverse: create index "workorder_tenant_phone_index_received_at" to table: "work_orders"
DROP INDEX "workorder_tenant_phone_index_received_at";
-- reverse: create index "workorder_tenant_number" to table: "work_orders"
DROP INDEX "workorder_tenant_number";
-- reverse: create index "workorder_tenant_category_district_received_at" to table: "work_orders"
DROP INDEX "workorder_tenant_category_district_received_at";
-- reverse: create "work_orders" table
DROP TABLE "work_orders";
-- reverse: create index "numberblock_tenant_day" to table: "number_blocks"
DROP INDEX "numberblock_tenant_day";
-- reverse: create "number_blocks" table
DROP TABLE "number_blocks";
