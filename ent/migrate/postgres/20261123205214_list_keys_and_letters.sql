-- +goose Up
-- modify "list_keys" table
ALTER TABLE "list_keys" ADD COLUMN "act" bytea NULL, ADD COLUMN "doubted" boolean NOT NULL DEFAULT false;
-- modify "list_letters" table
ALTER TABLE "list_letters" ADD COLUMN "addressee" character varying NOT NULL DEFAULT '000000', ADD COLUMN "opinion" text NOT NULL DEFAULT '', ADD COLUMN "supported" boolean NOT NULL DEFAULT false, ADD COLUMN "opinion_by" character varying NOT NULL DEFAULT '', ADD COLUMN "opinion_at" timestamptz NULL, ADD COLUMN "pending" boolean NOT NULL DEFAULT true, ADD COLUMN "told" text NOT NULL DEFAULT '{}';
-- create index "listletter_pending_id" to table: "list_letters"
CREATE INDEX "listletter_pending_id" ON "list_letters" ("pending", "id");
-- drop index "listprogress_authority_city" from table: "list_progresses"
DROP INDEX "listprogress_authority_city";
-- modify "list_progresses" table
ALTER TABLE "list_progresses" DROP COLUMN "urges", ADD COLUMN "revision" bigint NOT NULL DEFAULT 1;
-- create index "listprogress_number_city" to table: "list_progresses"
CREATE INDEX "listprogress_number_city" ON "list_progresses" ("number", "city");
-- drop index "list_versions_version_key" from table: "list_versions"
DROP INDEX "list_versions_version_key";
-- modify "list_versions" table
ALTER TABLE "list_versions" ADD COLUMN "slot" bigint NOT NULL DEFAULT 1;
-- create index "listversion_slot_version" to table: "list_versions"
CREATE UNIQUE INDEX "listversion_slot_version" ON "list_versions" ("slot", "version");
-- create "far_places" table
CREATE TABLE "far_places" ("id" uuid NOT NULL, "code" character varying NOT NULL, "title" character varying NOT NULL, "region" character varying NOT NULL DEFAULT '', "created_at" timestamptz NOT NULL, PRIMARY KEY ("id"));
-- create index "far_places_code_key" to table: "far_places"
CREATE UNIQUE INDEX "far_places_code_key" ON "far_places" ("code");
-- create "key_proposals" table
CREATE TABLE "key_proposals" ("tenant" character varying NOT NULL, "id" uuid NOT NULL, "number" bigint NOT NULL, "slot" bigint NOT NULL, "suite" character varying NOT NULL, "lost" boolean NOT NULL, "reason" character varying NOT NULL, "author" character varying NOT NULL, "standing" character varying NOT NULL, "decided_by" character varying NOT NULL DEFAULT '', "created_at" timestamptz NOT NULL, PRIMARY KEY ("tenant", "id"));
-- create index "keyproposal_tenant_number" to table: "key_proposals"
CREATE UNIQUE INDEX "keyproposal_tenant_number" ON "key_proposals" ("tenant", "number");
-- create "list_trusts" table
CREATE TABLE "list_trusts" ("id" uuid NOT NULL, "slot" bigint NOT NULL, "place" character varying NOT NULL, "by" character varying NOT NULL, "created_at" timestamptz NOT NULL, PRIMARY KEY ("id"));
-- create index "listtrust_slot_place" to table: "list_trusts"
CREATE UNIQUE INDEX "listtrust_slot_place" ON "list_trusts" ("slot", "place");

-- +goose Down
-- reverse: create index "listtrust_slot_place" to table: "list_trusts"
DROP INDEX "listtrust_slot_place";
-- reverse: create "list_trusts" table
DROP TABLE "list_trusts";
-- reverse: create index "keyproposal_tenant_number" to table: "key_proposals"
DROP INDEX "keyproposal_tenant_number";
-- reverse: create "key_proposals" table
DROP TABLE "key_proposals";
-- reverse: create index "far_places_code_key" to table: "far_places"
DROP INDEX "far_places_code_key";
-- reverse: create "far_places" table
DROP TABLE "far_places";
-- reverse: create index "listversion_slot_version" to table: "list_versions"
DROP INDEX "listversion_slot_version";
-- reverse: modify "list_versions" table
ALTER TABLE "list_versions" DROP COLUMN "slot";
-- reverse: drop index "list_versions_version_key" from table: "list_versions"
CREATE UNIQUE INDEX "list_versions_version_key" ON "list_versions" ("version");
-- reverse: create index "listprogress_number_city" to table: "list_progresses"
DROP INDEX "listprogress_number_city";
-- reverse: modify "list_progresses" table
ALTER TABLE "list_progresses" DROP COLUMN "revision", ADD COLUMN "urges" bigint NOT NULL DEFAULT 0;
-- reverse: drop index "listprogress_authority_city" from table: "list_progresses"
CREATE INDEX "listprogress_authority_city" ON "list_progresses" ("authority", "city");
-- reverse: create index "listletter_pending_id" to table: "list_letters"
DROP INDEX "listletter_pending_id";
-- reverse: modify "list_letters" table
ALTER TABLE "list_letters" DROP COLUMN "told", DROP COLUMN "pending", DROP COLUMN "opinion_at", DROP COLUMN "opinion_by", DROP COLUMN "supported", DROP COLUMN "opinion", DROP COLUMN "addressee";
-- reverse: modify "list_keys" table
ALTER TABLE "list_keys" DROP COLUMN "doubted", DROP COLUMN "act";
