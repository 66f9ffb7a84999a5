-- +goose Up
-- create "acknowledgements" table
CREATE TABLE "acknowledgements" ("id" uuid NOT NULL, "city" character varying NOT NULL, "version" bigint NOT NULL, "digest" character varying NOT NULL, "received_at" timestamptz NOT NULL, "acknowledged_by" character varying NOT NULL DEFAULT '', "acknowledged_at" timestamptz NULL, PRIMARY KEY ("id"));
-- create index "acknowledgement_city_version" to table: "acknowledgements"
CREATE UNIQUE INDEX "acknowledgement_city_version" ON "acknowledgements" ("city", "version");
-- create "city_numbers" table
CREATE TABLE "city_numbers" ("tenant" character varying NOT NULL, "id" uuid NOT NULL, "number" character varying NOT NULL, "title" character varying NOT NULL, "origin" character varying NOT NULL, "purpose" character varying NOT NULL DEFAULT '', "authority" character varying NOT NULL DEFAULT '', "founded_on" character varying NOT NULL DEFAULT '', "mode" character varying NOT NULL DEFAULT '', "target" character varying NOT NULL DEFAULT '', "unit" character varying NOT NULL DEFAULT '', "seats" bigint NOT NULL DEFAULT 0, "expert_seats" bigint NOT NULL DEFAULT 0, "seats_stay" boolean NOT NULL DEFAULT false, "prompt" text NOT NULL DEFAULT '', "prompt_until" timestamptz NULL, "line" character varying NOT NULL DEFAULT '', "skill" character varying NOT NULL DEFAULT '', "approvals" text NOT NULL DEFAULT '[]', "plan" text NOT NULL DEFAULT '[]', "levels" text NOT NULL DEFAULT '[]', "test" text NOT NULL DEFAULT '', "cut_over_at" timestamptz NULL, "version" bigint NOT NULL DEFAULT 1, "changes" bigint NOT NULL DEFAULT 0, "change_head" bytea NULL, "created_at" timestamptz NOT NULL, PRIMARY KEY ("tenant", "id"));
-- create index "citynumber_tenant_number" to table: "city_numbers"
CREATE UNIQUE INDEX "citynumber_tenant_number" ON "city_numbers" ("tenant", "number");
-- create "list_drafts" table
CREATE TABLE "list_drafts" ("tenant" character varying NOT NULL, "id" uuid NOT NULL, "number" bigint NOT NULL, "base" bigint NOT NULL, "body" text NOT NULL, "standing" character varying NOT NULL, "authors" character varying NOT NULL, "reviewer" character varying NOT NULL DEFAULT '', "words" character varying NOT NULL DEFAULT '', "document" bytea NULL, "revision" bigint NOT NULL DEFAULT 1, "created_at" timestamptz NOT NULL, PRIMARY KEY ("tenant", "id"));
-- create index "listdraft_tenant_number" to table: "list_drafts"
CREATE UNIQUE INDEX "listdraft_tenant_number" ON "list_drafts" ("tenant", "number");
-- create "list_keys" table
CREATE TABLE "list_keys" ("id" uuid NOT NULL, "slot" bigint NOT NULL, "public" character varying NOT NULL, "sealed" bytea NULL, "created_at" timestamptz NOT NULL, PRIMARY KEY ("id"));
-- create index "list_keys_slot_key" to table: "list_keys"
CREATE UNIQUE INDEX "list_keys_slot_key" ON "list_keys" ("slot");
-- create "list_letters" table
CREATE TABLE "list_letters" ("id" uuid NOT NULL, "kind" character varying NOT NULL, "city" character varying NOT NULL, "number" character varying NOT NULL DEFAULT '', "subject" character varying NOT NULL, "words" text NOT NULL, "papers" text NOT NULL DEFAULT '[]', "wanted" character varying NOT NULL DEFAULT '', "author" character varying NOT NULL, "place" character varying NOT NULL, "standing" character varying NOT NULL, "answer" text NOT NULL DEFAULT '', "reference" character varying NOT NULL DEFAULT '', "answered_by" character varying NOT NULL DEFAULT '', "answered_at" timestamptz NULL, "published" boolean NOT NULL DEFAULT false, "due_at" timestamptz NULL, "created_at" timestamptz NOT NULL, PRIMARY KEY ("id"));
-- create index "listletter_kind_city_id" to table: "list_letters"
CREATE INDEX "listletter_kind_city_id" ON "list_letters" ("kind", "city", "id");
-- create index "listletter_kind_standing_id" to table: "list_letters"
CREATE INDEX "listletter_kind_standing_id" ON "list_letters" ("kind", "standing", "id");
-- create "list_progresses" table
CREATE TABLE "list_progresses" ("id" uuid NOT NULL, "city" character varying NOT NULL, "number" character varying NOT NULL, "title" character varying NOT NULL, "origin" character varying NOT NULL, "authority" character varying NOT NULL DEFAULT '', "mode" character varying NOT NULL DEFAULT '', "target" character varying NOT NULL DEFAULT '', "prompt_until" timestamptz NULL, "steps" bigint NOT NULL DEFAULT 0, "done" bigint NOT NULL DEFAULT 0, "evidence" bigint NOT NULL DEFAULT 0, "due_at" timestamptz NULL, "urges" bigint NOT NULL DEFAULT 0, "updated_at" timestamptz NOT NULL, PRIMARY KEY ("id"));
-- create index "listprogress_authority_city" to table: "list_progresses"
CREATE INDEX "listprogress_authority_city" ON "list_progresses" ("authority", "city");
-- create index "listprogress_city_number" to table: "list_progresses"
CREATE UNIQUE INDEX "listprogress_city_number" ON "list_progresses" ("city", "number");
-- create "list_versions" table
CREATE TABLE "list_versions" ("id" uuid NOT NULL, "version" bigint NOT NULL, "document" bytea NOT NULL, "created_at" timestamptz NOT NULL, PRIMARY KEY ("id"));
-- create index "list_versions_version_key" to table: "list_versions"
CREATE UNIQUE INDEX "list_versions_version_key" ON "list_versions" ("version");
-- create "number_changes" table
CREATE TABLE "number_changes" ("tenant" character varying NOT NULL, "id" uuid NOT NULL, "number" character varying NOT NULL, "seq" bigint NOT NULL, "act" character varying NOT NULL, "actor" character varying NOT NULL, "summary" character varying NOT NULL, "public" boolean NOT NULL, "dial" text NOT NULL, "seal" bytea NOT NULL, "created_at" timestamptz NOT NULL, PRIMARY KEY ("tenant", "id"));
-- create index "numberchange_tenant_number_created_at" to table: "number_changes"
CREATE INDEX "numberchange_tenant_number_created_at" ON "number_changes" ("tenant", "number", "created_at");
-- create index "numberchange_tenant_number_seq" to table: "number_changes"
CREATE UNIQUE INDEX "numberchange_tenant_number_seq" ON "number_changes" ("tenant", "number", "seq");
-- create index "numberchange_tenant_public_created_at_id" to table: "number_changes"
CREATE INDEX "numberchange_tenant_public_created_at_id" ON "number_changes" ("tenant", "public", "created_at", "id");

-- +goose Down
-- reverse: create index "numberchange_tenant_public_created_at_id" to table: "number_changes"
DROP INDEX "numberchange_tenant_public_created_at_id";
-- reverse: create index "numberchange_tenant_number_seq" to table: "number_changes"
DROP INDEX "numberchange_tenant_number_seq";
-- reverse: create index "numberchange_tenant_number_created_at" to table: "number_changes"
DROP INDEX "numberchange_tenant_number_created_at";
-- reverse: create "number_changes" table
DROP TABLE "number_changes";
-- reverse: create index "list_versions_version_key" to table: "list_versions"
DROP INDEX "list_versions_version_key";
-- reverse: create "list_versions" table
DROP TABLE "list_versions";
-- reverse: create index "listprogress_city_number" to table: "list_progresses"
DROP INDEX "listprogress_city_number";
-- reverse: create index "listprogress_authority_city" to table: "list_progresses"
DROP INDEX "listprogress_authority_city";
-- reverse: create "list_progresses" table
DROP TABLE "list_progresses";
-- reverse: create index "listletter_kind_standing_id" to table: "list_letters"
DROP INDEX "listletter_kind_standing_id";
-- reverse: create index "listletter_kind_city_id" to table: "list_letters"
DROP INDEX "listletter_kind_city_id";
-- reverse: create "list_letters" table
DROP TABLE "list_letters";
-- reverse: create index "list_keys_slot_key" to table: "list_keys"
DROP INDEX "list_keys_slot_key";
-- reverse: create "list_keys" table
DROP TABLE "list_keys";
-- reverse: create index "listdraft_tenant_number" to table: "list_drafts"
DROP INDEX "listdraft_tenant_number";
-- reverse: create "list_drafts" table
DROP TABLE "list_drafts";
-- reverse: create index "citynumber_tenant_number" to table: "city_numbers"
DROP INDEX "citynumber_tenant_number";
-- reverse: create "city_numbers" table
DROP TABLE "city_numbers";
-- reverse: create index "acknowledgement_city_version" to table: "acknowledgements"
DROP INDEX "acknowledgement_city_version";
-- reverse: create "acknowledgements" table
DROP TABLE "acknowledgements";
