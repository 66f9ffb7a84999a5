-- +goose Up
-- modify "assignments" table
ALTER TABLE "assignments" ADD COLUMN "missed" bigint NOT NULL DEFAULT 0, ADD COLUMN "climbed_to" character varying NOT NULL DEFAULT '';
-- modify "work_orders" table
ALTER TABLE "work_orders" ADD COLUMN "warning" bigint NOT NULL DEFAULT 0, ADD COLUMN "returns" bigint NOT NULL DEFAULT 0, ADD COLUMN "improper_returns" bigint NOT NULL DEFAULT 0, ADD COLUMN "escalations" bigint NOT NULL DEFAULT 0, ADD COLUMN "locked" boolean NOT NULL DEFAULT false, ADD COLUMN "adjudicating" boolean NOT NULL DEFAULT false, ADD COLUMN "hard" boolean NOT NULL DEFAULT false, ADD COLUMN "supervised" boolean NOT NULL DEFAULT false, ADD COLUMN "unreasonable" boolean NOT NULL DEFAULT false, ADD COLUMN "clustered" boolean NOT NULL DEFAULT false, ADD COLUMN "suspicious" boolean NOT NULL DEFAULT false, ADD COLUMN "excluded" character varying NOT NULL DEFAULT '', ADD COLUMN "main_id" uuid NULL, ADD COLUMN "brief" bytea NULL, ADD COLUMN "place_index" bytea NULL;
-- create index "workorder_tenant_main_id" to table: "work_orders"
CREATE INDEX "workorder_tenant_main_id" ON "work_orders" ("tenant", "main_id");
-- create index "workorder_tenant_place_index_received_at" to table: "work_orders"
CREATE INDEX "workorder_tenant_place_index_received_at" ON "work_orders" ("tenant", "place_index", "received_at");
-- create "applications" table
CREATE TABLE "applications" ("tenant" character varying NOT NULL, "id" uuid NOT NULL, "work_order_id" uuid NOT NULL, "assignment_id" uuid NULL, "about_id" uuid NULL, "kind" character varying NOT NULL, "standing" character varying NOT NULL, "asked_by" character varying NOT NULL, "asked_unit" character varying NOT NULL DEFAULT '', "reason" character varying NOT NULL DEFAULT '', "ground" character varying NOT NULL DEFAULT '', "evidence" bytea NULL, "suggested_unit" character varying NOT NULL DEFAULT '', "span" character varying NOT NULL DEFAULT '', "until_at" timestamptz NULL, "responsible" character varying NOT NULL DEFAULT '', "milestones" character varying NOT NULL DEFAULT '', "heard" character varying NOT NULL DEFAULT '', "heard_by" character varying NOT NULL DEFAULT '', "heard_words" character varying NOT NULL DEFAULT '', "first_by" character varying NOT NULL DEFAULT '', "first_words" character varying NOT NULL DEFAULT '', "decided_by" character varying NOT NULL DEFAULT '', "decision" character varying NOT NULL DEFAULT '', "decided_at" timestamptz NULL, "created_at" timestamptz NOT NULL, PRIMARY KEY ("tenant", "id"), CONSTRAINT "applications_work_order_id" FOREIGN KEY ("tenant", "work_order_id") REFERENCES "work_orders" ("tenant", "id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "application_tenant_asked_unit_kind_id" to table: "applications"
CREATE INDEX "application_tenant_asked_unit_kind_id" ON "applications" ("tenant", "asked_unit", "kind", "id");
-- create index "application_tenant_standing_kind_id" to table: "applications"
CREATE INDEX "application_tenant_standing_kind_id" ON "applications" ("tenant", "standing", "kind", "id");
-- create index "application_tenant_suggested_unit_standing" to table: "applications"
CREATE INDEX "application_tenant_suggested_unit_standing" ON "applications" ("tenant", "suggested_unit", "standing");
-- create index "application_tenant_work_order_id" to table: "applications"
CREATE INDEX "application_tenant_work_order_id" ON "applications" ("tenant", "work_order_id");
-- create "attachments" table
CREATE TABLE "attachments" ("tenant" character varying NOT NULL, "id" uuid NOT NULL, "work_order_id" uuid NOT NULL, "title" bytea NULL, "secret" bytea NULL, "media_type" character varying NOT NULL, "size" bigint NOT NULL, "digest" character varying NOT NULL, "by_citizen" boolean NOT NULL, "author" character varying NOT NULL, "unit" character varying NOT NULL, "created_at" timestamptz NOT NULL, PRIMARY KEY ("tenant", "id"), CONSTRAINT "attachments_work_order_id" FOREIGN KEY ("tenant", "work_order_id") REFERENCES "work_orders" ("tenant", "id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "attachment_tenant_work_order_id_digest" to table: "attachments"
CREATE UNIQUE INDEX "attachment_tenant_work_order_id_digest" ON "attachments" ("tenant", "work_order_id", "digest");
-- modify "clocks" table
ALTER TABLE "clocks" ADD COLUMN "application_id" uuid NULL, ADD COLUMN "warned" bigint NOT NULL DEFAULT 0, ADD COLUMN "warn_at" timestamptz NULL, ADD COLUMN "fires" boolean NOT NULL DEFAULT false, ADD COLUMN "fired_at" timestamptz NULL, ADD COLUMN "paused_at" timestamptz NULL, ADD COLUMN "remaining" character varying NOT NULL DEFAULT '';
-- create index "clock_tenant_fires_stop_at_fired_at_due_at" to table: "clocks"
CREATE INDEX "clock_tenant_fires_stop_at_fired_at_due_at" ON "clocks" ("tenant", "fires", "stop_at", "fired_at", "due_at");
-- create index "clock_tenant_stop_at_warn_at" to table: "clocks"
CREATE INDEX "clock_tenant_stop_at_warn_at" ON "clocks" ("tenant", "stop_at", "warn_at");
-- create "clock_moves" table
CREATE TABLE "clock_moves" ("tenant" character varying NOT NULL, "id" uuid NOT NULL, "work_order_id" uuid NOT NULL, "clock_id" uuid NOT NULL, "seq" bigint NOT NULL, "cause" character varying NOT NULL, "base_at" timestamptz NOT NULL, "span" character varying NOT NULL, "before_at" timestamptz NOT NULL, "after_at" timestamptz NOT NULL, "created_at" timestamptz NOT NULL, PRIMARY KEY ("tenant", "id"), CONSTRAINT "clock_moves_clock_id" FOREIGN KEY ("tenant", "clock_id") REFERENCES "clocks" ("tenant", "id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "clock_moves_work_order_id" FOREIGN KEY ("tenant", "work_order_id") REFERENCES "work_orders" ("tenant", "id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "clockmove_tenant_clock_id_seq" to table: "clock_moves"
CREATE UNIQUE INDEX "clockmove_tenant_clock_id_seq" ON "clock_moves" ("tenant", "clock_id", "seq");
-- create index "clockmove_tenant_work_order_id" to table: "clock_moves"
CREATE INDEX "clockmove_tenant_work_order_id" ON "clock_moves" ("tenant", "work_order_id");
-- create "hand_offs" table
CREATE TABLE "hand_offs" ("tenant" character varying NOT NULL, "id" uuid NOT NULL, "work_order_id" uuid NOT NULL, "unit" character varying NOT NULL, "three_way" boolean NOT NULL, "life_at_risk" boolean NOT NULL, "outcome" character varying NOT NULL, "words" bytea NULL, "author" character varying NOT NULL, "back_reason" character varying NOT NULL DEFAULT '', "back_by" character varying NOT NULL DEFAULT '', "back_at" timestamptz NULL, "created_at" timestamptz NOT NULL, PRIMARY KEY ("tenant", "id"), CONSTRAINT "hand_offs_work_order_id" FOREIGN KEY ("tenant", "work_order_id") REFERENCES "work_orders" ("tenant", "id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "handoff_tenant_unit_id" to table: "hand_offs"
CREATE INDEX "handoff_tenant_unit_id" ON "hand_offs" ("tenant", "unit", "id");
-- create index "handoff_tenant_work_order_id" to table: "hand_offs"
CREATE INDEX "handoff_tenant_work_order_id" ON "hand_offs" ("tenant", "work_order_id");

-- +goose Down
-- reverse: create index "handoff_tenant_work_order_id" to table: "hand_offs"
DROP INDEX "handoff_tenant_work_order_id";
-- reverse: create index "handoff_tenant_unit_id" to table: "hand_offs"
DROP INDEX "handoff_tenant_unit_id";
-- reverse: create "hand_offs" table
DROP TABLE "hand_offs";
-- reverse: create index "clockmove_tenant_work_order_id" to table: "clock_moves"
DROP INDEX "clockmove_tenant_work_order_id";
-- reverse: create index "clockmove_tenant_clock_id_seq" to table: "clock_moves"
DROP INDEX "clockmove_tenant_clock_id_seq";
-- reverse: create "clock_moves" table
DROP TABLE "clock_moves";
-- reverse: create index "clock_tenant_stop_at_warn_at" to table: "clocks"
DROP INDEX "clock_tenant_stop_at_warn_at";
-- reverse: create index "clock_tenant_fires_stop_at_fired_at_due_at" to table: "clocks"
DROP INDEX "clock_tenant_fires_stop_at_fired_at_due_at";
-- reverse: modify "clocks" table
ALTER TABLE "clocks" DROP COLUMN "remaining", DROP COLUMN "paused_at", DROP COLUMN "fired_at", DROP COLUMN "fires", DROP COLUMN "warn_at", DROP COLUMN "warned", DROP COLUMN "application_id";
-- reverse: create index "attachment_tenant_work_order_id_digest" to table: "attachments"
DROP INDEX "attachment_tenant_work_order_id_digest";
-- reverse: create "attachments" table
DROP TABLE "attachments";
-- reverse: create index "application_tenant_work_order_id" to table: "applications"
DROP INDEX "application_tenant_work_order_id";
-- reverse: create index "application_tenant_suggested_unit_standing" to table: "applications"
DROP INDEX "application_tenant_suggested_unit_standing";
-- reverse: create index "application_tenant_standing_kind_id" to table: "applications"
DROP INDEX "application_tenant_standing_kind_id";
-- reverse: create index "application_tenant_asked_unit_kind_id" to table: "applications"
DROP INDEX "application_tenant_asked_unit_kind_id";
-- reverse: create "applications" table
DROP TABLE "applications";
-- reverse: create index "workorder_tenant_place_index_received_at" to table: "work_orders"
DROP INDEX "workorder_tenant_place_index_received_at";
-- reverse: create index "workorder_tenant_main_id" to table: "work_orders"
DROP INDEX "workorder_tenant_main_id";
-- reverse: modify "work_orders" table
ALTER TABLE "work_orders" DROP COLUMN "place_index", DROP COLUMN "brief", DROP COLUMN "main_id", DROP COLUMN "excluded", DROP COLUMN "suspicious", DROP COLUMN "clustered", DROP COLUMN "unreasonable", DROP COLUMN "supervised", DROP COLUMN "hard", DROP COLUMN "adjudicating", DROP COLUMN "locked", DROP COLUMN "escalations", DROP COLUMN "improper_returns", DROP COLUMN "returns", DROP COLUMN "warning";
-- reverse: modify "assignments" table
ALTER TABLE "assignments" DROP COLUMN "climbed_to", DROP COLUMN "missed";
