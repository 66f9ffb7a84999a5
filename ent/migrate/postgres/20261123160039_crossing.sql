-- +goose Up
-- modify "attachments" table
ALTER TABLE "attachments" ADD COLUMN "source" character varying NOT NULL DEFAULT '', ADD COLUMN "here" boolean NOT NULL DEFAULT true;
-- modify "work_orders" table
ALTER TABLE "work_orders" ADD COLUMN "transfer_id" uuid NULL;
-- create "city_keys" table
CREATE TABLE "city_keys" ("tenant" character varying NOT NULL, "id" uuid NOT NULL, "purpose" character varying NOT NULL, "algorithm" bigint NOT NULL, "public" bytea NOT NULL, "private" bytea NULL, "created_at" timestamptz NOT NULL, PRIMARY KEY ("tenant", "id"));
-- create index "citykey_tenant_purpose_id" to table: "city_keys"
CREATE INDEX "citykey_tenant_purpose_id" ON "city_keys" ("tenant", "purpose", "id");
-- create "transfer_numbers" table
CREATE TABLE "transfer_numbers" ("tenant" character varying NOT NULL, "id" uuid NOT NULL, "region" character varying NOT NULL, "last" bigint NOT NULL, PRIMARY KEY ("tenant", "id"));
-- create index "transfernumber_tenant_region" to table: "transfer_numbers"
CREATE UNIQUE INDEX "transfernumber_tenant_region" ON "transfer_numbers" ("tenant", "region");
-- create "transfers" table
CREATE TABLE "transfers" ("tenant" character varying NOT NULL, "id" uuid NOT NULL, "region" character varying NOT NULL, "origin" character varying NOT NULL, "number" bigint NOT NULL, "work_order_id" uuid NULL, "target" character varying NOT NULL, "state" character varying NOT NULL, "sequence" bigint NOT NULL DEFAULT 0, "mode" character varying NOT NULL, "urgency" character varying NOT NULL, "order_number" character varying NOT NULL, "category" character varying NOT NULL DEFAULT '', "category_title" character varying NOT NULL DEFAULT '', "target_category" character varying NOT NULL DEFAULT '', "basis" character varying NOT NULL DEFAULT '', "call" character varying NOT NULL DEFAULT '', "callback" character varying NOT NULL, "consent" boolean NOT NULL DEFAULT false, "confidential" boolean NOT NULL DEFAULT false, "declines" bigint NOT NULL DEFAULT 0, "reason" character varying NOT NULL DEFAULT '', "ground" character varying NOT NULL DEFAULT '', "responsible" character varying NOT NULL DEFAULT '', "pending" character varying NOT NULL DEFAULT '', "sampled" boolean NOT NULL DEFAULT false, "started_at" timestamptz NOT NULL, "sign_due_at" timestamptz NULL, "answer_due_at" timestamptz NULL, "changed_at" timestamptz NOT NULL, "created_at" timestamptz NOT NULL, PRIMARY KEY ("tenant", "id"), CONSTRAINT "transfers_work_order_id" FOREIGN KEY ("tenant", "work_order_id") REFERENCES "work_orders" ("tenant", "id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "transfer_tenant_call" to table: "transfers"
CREATE INDEX "transfer_tenant_call" ON "transfers" ("tenant", "call");
-- create index "transfer_tenant_origin_state_id" to table: "transfers"
CREATE INDEX "transfer_tenant_origin_state_id" ON "transfers" ("tenant", "origin", "state", "id");
-- create index "transfer_tenant_region_origin_number" to table: "transfers"
CREATE UNIQUE INDEX "transfer_tenant_region_origin_number" ON "transfers" ("tenant", "region", "origin", "number");
-- create index "transfer_tenant_state_answer_due_at" to table: "transfers"
CREATE INDEX "transfer_tenant_state_answer_due_at" ON "transfers" ("tenant", "state", "answer_due_at");
-- create index "transfer_tenant_target_state_id" to table: "transfers"
CREATE INDEX "transfer_tenant_target_state_id" ON "transfers" ("tenant", "target", "state", "id");
-- create index "transfer_tenant_work_order_id_id" to table: "transfers"
CREATE INDEX "transfer_tenant_work_order_id_id" ON "transfers" ("tenant", "work_order_id", "id");
-- create "outgoings" table
CREATE TABLE "outgoings" ("tenant" character varying NOT NULL, "id" uuid NOT NULL, "region" character varying NOT NULL, "transfer_id" uuid NOT NULL, "act" character varying NOT NULL, "content" bytea NULL, "sequence" bigint NOT NULL DEFAULT 0, "tries" bigint NOT NULL DEFAULT 0, "next_at" timestamptz NULL, "sent_at" timestamptz NULL, "refused" character varying NOT NULL DEFAULT '', "created_at" timestamptz NOT NULL, PRIMARY KEY ("tenant", "id"), CONSTRAINT "outgoings_transfer_id" FOREIGN KEY ("tenant", "transfer_id") REFERENCES "transfers" ("tenant", "id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "outgoing_tenant_sent_at_id" to table: "outgoings"
CREATE INDEX "outgoing_tenant_sent_at_id" ON "outgoings" ("tenant", "sent_at", "id");
-- create index "outgoing_tenant_transfer_id_id" to table: "outgoings"
CREATE INDEX "outgoing_tenant_transfer_id_id" ON "outgoings" ("tenant", "transfer_id", "id");
-- create "transfer_acts" table
CREATE TABLE "transfer_acts" ("tenant" character varying NOT NULL, "id" uuid NOT NULL, "transfer_id" uuid NOT NULL, "sequence" bigint NOT NULL, "act" character varying NOT NULL, "city" character varying NOT NULL, "summary" character varying NOT NULL, "words" bytea NULL, "signed" bytea NOT NULL, "acted_at" timestamptz NOT NULL, "created_at" timestamptz NOT NULL, PRIMARY KEY ("tenant", "id"), CONSTRAINT "transfer_acts_transfer_id" FOREIGN KEY ("tenant", "transfer_id") REFERENCES "transfers" ("tenant", "id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "transferact_tenant_transfer_id_sequence" to table: "transfer_acts"
CREATE UNIQUE INDEX "transferact_tenant_transfer_id_sequence" ON "transfer_acts" ("tenant", "transfer_id", "sequence");

-- +goose Down
-- reverse: create index "transferact_tenant_transfer_id_sequence" to table: "transfer_acts"
DROP INDEX "transferact_tenant_transfer_id_sequence";
-- reverse: create "transfer_acts" table
DROP TABLE "transfer_acts";
-- reverse: create index "outgoing_tenant_transfer_id_id" to table: "outgoings"
DROP INDEX "outgoing_tenant_transfer_id_id";
-- reverse: create index "outgoing_tenant_sent_at_id" to table: "outgoings"
DROP INDEX "outgoing_tenant_sent_at_id";
-- reverse: create "outgoings" table
DROP TABLE "outgoings";
-- reverse: create index "transfer_tenant_work_order_id_id" to table: "transfers"
DROP INDEX "transfer_tenant_work_order_id_id";
-- reverse: create index "transfer_tenant_target_state_id" to table: "transfers"
DROP INDEX "transfer_tenant_target_state_id";
-- reverse: create index "transfer_tenant_state_answer_due_at" to table: "transfers"
DROP INDEX "transfer_tenant_state_answer_due_at";
-- reverse: create index "transfer_tenant_region_origin_number" to table: "transfers"
DROP INDEX "transfer_tenant_region_origin_number";
-- reverse: create index "transfer_tenant_origin_state_id" to table: "transfers"
DROP INDEX "transfer_tenant_origin_state_id";
-- reverse: create index "transfer_tenant_call" to table: "transfers"
DROP INDEX "transfer_tenant_call";
-- reverse: create "transfers" table
DROP TABLE "transfers";
-- reverse: create index "transfernumber_tenant_region" to table: "transfer_numbers"
DROP INDEX "transfernumber_tenant_region";
-- reverse: create "transfer_numbers" table
DROP TABLE "transfer_numbers";
-- reverse: create index "citykey_tenant_purpose_id" to table: "city_keys"
DROP INDEX "citykey_tenant_purpose_id";
-- reverse: create "city_keys" table
DROP TABLE "city_keys";
-- reverse: modify "work_orders" table
ALTER TABLE "work_orders" DROP COLUMN "transfer_id";
-- reverse: modify "attachments" table
ALTER TABLE "attachments" DROP COLUMN "here", DROP COLUMN "source";
