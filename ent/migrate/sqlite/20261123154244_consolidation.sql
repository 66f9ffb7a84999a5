-- +goose Up
-- create "acknowledgements" table
CREATE TABLE `acknowledgements` (`id` uuid NOT NULL, `city` text NOT NULL, `version` integer NOT NULL, `digest` text NOT NULL, `received_at` datetime NOT NULL, `acknowledged_by` text NOT NULL DEFAULT (''), `acknowledged_at` datetime NULL, PRIMARY KEY (`id`));
-- create index "acknowledgement_city_version" to table: "acknowledgements"
CREATE UNIQUE INDEX `acknowledgement_city_version` ON `acknowledgements` (`city`, `version`);
-- create "city_numbers" table
CREATE TABLE `city_numbers` (`tenant` text NOT NULL, `id` uuid NOT NULL, `number` text NOT NULL, `title` text NOT NULL, `origin` text NOT NULL, `purpose` text NOT NULL DEFAULT (''), `authority` text NOT NULL DEFAULT (''), `founded_on` text NOT NULL DEFAULT (''), `mode` text NOT NULL DEFAULT (''), `target` text NOT NULL DEFAULT (''), `unit` text NOT NULL DEFAULT (''), `seats` integer NOT NULL DEFAULT (0), `expert_seats` integer NOT NULL DEFAULT (0), `seats_stay` bool NOT NULL DEFAULT (false), `prompt` text NOT NULL DEFAULT (''), `prompt_until` datetime NULL, `line` text NOT NULL DEFAULT (''), `skill` text NOT NULL DEFAULT (''), `approvals` text NOT NULL DEFAULT ('[]'), `plan` text NOT NULL DEFAULT ('[]'), `levels` text NOT NULL DEFAULT ('[]'), `test` text NOT NULL DEFAULT (''), `cut_over_at` datetime NULL, `version` integer NOT NULL DEFAULT (1), `changes` integer NOT NULL DEFAULT (0), `change_head` blob NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`tenant`, `id`));
-- create index "citynumber_tenant_number" to table: "city_numbers"
CREATE UNIQUE INDEX `citynumber_tenant_number` ON `city_numbers` (`tenant`, `number`);
-- create "list_drafts" table
CREATE TABLE `list_drafts` (`tenant` text NOT NULL, `id` uuid NOT NULL, `number` integer NOT NULL, `base` integer NOT NULL, `body` text NOT NULL, `standing` text NOT NULL, `authors` text NOT NULL, `reviewer` text NOT NULL DEFAULT (''), `words` text NOT NULL DEFAULT (''), `document` blob NULL, `revision` integer NOT NULL DEFAULT (1), `created_at` datetime NOT NULL, PRIMARY KEY (`tenant`, `id`));
-- create index "listdraft_tenant_number" to table: "list_drafts"
CREATE UNIQUE INDEX `listdraft_tenant_number` ON `list_drafts` (`tenant`, `number`);
-- create "list_keys" table
CREATE TABLE `list_keys` (`id` uuid NOT NULL, `slot` integer NOT NULL, `public` text NOT NULL, `sealed` blob NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- create index "list_keys_slot_key" to table: "list_keys"
CREATE UNIQUE INDEX `list_keys_slot_key` ON `list_keys` (`slot`);
-- create "list_letters" table
CREATE TABLE `list_letters` (`id` uuid NOT NULL, `kind` text NOT NULL, `city` text NOT NULL, `number` text NOT NULL DEFAULT (''), `subject` text NOT NULL, `words` text NOT NULL, `papers` text NOT NULL DEFAULT ('[]'), `wanted` text NOT NULL DEFAULT (''), `author` text NOT NULL, `place` text NOT NULL, `standing` text NOT NULL, `answer` text NOT NULL DEFAULT (''), `reference` text NOT NULL DEFAULT (''), `answered_by` text NOT NULL DEFAULT (''), `answered_at` datetime NULL, `published` bool NOT NULL DEFAULT (false), `due_at` datetime NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- create index "listletter_kind_city_id" to table: "list_letters"
CREATE INDEX `listletter_kind_city_id` ON `list_letters` (`kind`, `city`, `id`);
-- create index "listletter_kind_standing_id" to table: "list_letters"
CREATE INDEX `listletter_kind_standing_id` ON `list_letters` (`kind`, `standing`, `id`);
-- create "list_progresses" table
CREATE TABLE `list_progresses` (`id` uuid NOT NULL, `city` text NOT NULL, `number` text NOT NULL, `title` text NOT NULL, `origin` text NOT NULL, `authority` text NOT NULL DEFAULT (''), `mode` text NOT NULL DEFAULT (''), `target` text NOT NULL DEFAULT (''), `prompt_until` datetime NULL, `steps` integer NOT NULL DEFAULT (0), `done` integer NOT NULL DEFAULT (0), `evidence` integer NOT NULL DEFAULT (0), `due_at` datetime NULL, `urges` integer NOT NULL DEFAULT (0), `updated_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- create index "listprogress_city_number" to table: "list_progresses"
CREATE UNIQUE INDEX `listprogress_city_number` ON `list_progresses` (`city`, `number`);
-- create index "listprogress_authority_city" to table: "list_progresses"
CREATE INDEX `listprogress_authority_city` ON `list_progresses` (`authority`, `city`);
-- create "list_versions" table
CREATE TABLE `list_versions` (`id` uuid NOT NULL, `version` integer NOT NULL, `document` blob NOT NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- create index "list_versions_version_key" to table: "list_versions"
CREATE UNIQUE INDEX `list_versions_version_key` ON `list_versions` (`version`);
-- create "number_changes" table
CREATE TABLE `number_changes` (`tenant` text NOT NULL, `id` uuid NOT NULL, `number` text NOT NULL, `seq` integer NOT NULL, `act` text NOT NULL, `actor` text NOT NULL, `summary` text NOT NULL, `public` bool NOT NULL, `dial` text NOT NULL, `seal` blob NOT NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`tenant`, `id`));
-- create index "numberchange_tenant_number_seq" to table: "number_changes"
CREATE UNIQUE INDEX `numberchange_tenant_number_seq` ON `number_changes` (`tenant`, `number`, `seq`);
-- create index "numberchange_tenant_number_created_at" to table: "number_changes"
CREATE INDEX `numberchange_tenant_number_created_at` ON `number_changes` (`tenant`, `number`, `created_at`);
-- create index "numberchange_tenant_public_created_at_id" to table: "number_changes"
CREATE INDEX `numberchange_tenant_public_created_at_id` ON `number_changes` (`tenant`, `public`, `created_at`, `id`);

-- +goose Down
-- reverse: create index "numberchange_tenant_public_created_at_id" to table: "number_changes"
DROP INDEX `numberchange_tenant_public_created_at_id`;
-- reverse: create index "numberchange_tenant_number_created_at" to table: "number_changes"
DROP INDEX `numberchange_tenant_number_created_at`;
-- reverse: create index "numberchange_tenant_number_seq" to table: "number_changes"
DROP INDEX `numberchange_tenant_number_seq`;
-- reverse: create "number_changes" table
DROP TABLE `number_changes`;
-- reverse: create index "list_versions_version_key" to table: "list_versions"
DROP INDEX `list_versions_version_key`;
-- reverse: create "list_versions" table
DROP TABLE `list_versions`;
-- reverse: create index "listprogress_authority_city" to table: "list_progresses"
DROP INDEX `listprogress_authority_city`;
-- reverse: create index "listprogress_city_number" to table: "list_progresses"
DROP INDEX `listprogress_city_number`;
-- reverse: create "list_progresses" table
DROP TABLE `list_progresses`;
-- reverse: create index "listletter_kind_standing_id" to table: "list_letters"
DROP INDEX `listletter_kind_standing_id`;
-- reverse: create index "listletter_kind_city_id" to table: "list_letters"
DROP INDEX `listletter_kind_city_id`;
-- reverse: create "list_letters" table
DROP TABLE `list_letters`;
-- reverse: create index "list_keys_slot_key" to table: "list_keys"
DROP INDEX `list_keys_slot_key`;
-- reverse: create "list_keys" table
DROP TABLE `list_keys`;
-- reverse: create index "listdraft_tenant_number" to table: "list_drafts"
DROP INDEX `listdraft_tenant_number`;
-- reverse: create "list_drafts" table
DROP TABLE `list_drafts`;
-- reverse: create index "citynumber_tenant_number" to table: "city_numbers"
DROP INDEX `citynumber_tenant_number`;
-- reverse: create "city_numbers" table
DROP TABLE `city_numbers`;
-- reverse: create index "acknowledgement_city_version" to table: "acknowledgements"
DROP INDEX `acknowledgement_city_version`;
-- reverse: create "acknowledgements" table
DROP TABLE `acknowledgements`;
