-- +goose Up
-- create "changes" table
CREATE TABLE "changes" ("tenant" character varying NOT NULL, "id" uuid NOT NULL, "place" bigint NULL DEFAULT ((pg_current_xact_id())::text)::bigint, "work_order_id" uuid NOT NULL, "number" character varying NOT NULL, "kind" character varying NOT NULL, "verb" character varying NOT NULL DEFAULT '', "state" character varying NOT NULL DEFAULT '', "version" bigint NOT NULL DEFAULT 0, "seq" bigint NOT NULL DEFAULT 0, "warning" bigint NOT NULL DEFAULT 0, "due_at" timestamptz NOT NULL, "actor" character varying NOT NULL DEFAULT '', "role" character varying NOT NULL DEFAULT '', "unit" character varying NOT NULL DEFAULT '', "created_at" timestamptz NOT NULL, PRIMARY KEY ("tenant", "id"));
-- create index "change_tenant_place_id" to table: "changes"
CREATE INDEX "change_tenant_place_id" ON "changes" ("tenant", "place", "id");
-- create "presences" table
CREATE TABLE "presences" ("tenant" character varying NOT NULL, "id" uuid NOT NULL, "work_order_id" uuid NOT NULL, "login" character varying NOT NULL, "role" character varying NOT NULL, "unit" character varying NOT NULL DEFAULT '', "until_at" timestamptz NOT NULL, PRIMARY KEY ("tenant", "id"), CONSTRAINT "presences_work_order_id" FOREIGN KEY ("tenant", "work_order_id") REFERENCES "work_orders" ("tenant", "id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "presence_tenant_work_order_id_id" to table: "presences"
CREATE INDEX "presence_tenant_work_order_id_id" ON "presences" ("tenant", "work_order_id", "id");

-- +goose Down
-- reverse: create index "presence_tenant_work_order_id_id" to table: "presences"
DROP INDEX "presence_tenant_work_order_id_id";
-- reverse: create "presences" table
DROP TABLE "presences";
-- reverse: create index "change_tenant_place_id" to table: "changes"
DROP INDEX "change_tenant_place_id";
-- reverse: create "changes" table
DROP TABLE "changes";
