-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- create "new_list_keys" table
CREATE TABLE `new_list_keys` (`id` uuid NOT NULL, `slot` integer NOT NULL, `public` text NOT NULL, `sealed` blob NULL, `act` blob NULL, `doubted` bool NOT NULL DEFAULT (false), `created_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- copy rows from old table "list_keys" to new temporary table "new_list_keys"
INSERT INTO `new_list_keys` (`id`, `slot`, `public`, `sealed`, `created_at`) SELECT `id`, `slot`, `public`, `sealed`, `created_at` FROM `list_keys`;
-- drop "list_keys" table after copying rows
DROP TABLE `list_keys`;
-- rename temporary table "new_list_keys" to "list_keys"
ALTER TABLE `new_list_keys` RENAME TO `list_keys`;
-- create index "list_keys_slot_key" to table: "list_keys"
CREATE UNIQUE INDEX `list_keys_slot_key` ON `list_keys` (`slot`);
-- create "new_list_letters" table
CREATE TABLE `new_list_letters` (`id` uuid NOT NULL, `kind` text NOT NULL, `city` text NOT NULL, `number` text NOT NULL DEFAULT (''), `subject` text NOT NULL, `words` text NOT NULL, `papers` text NOT NULL DEFAULT ('[]'), `wanted` text NOT NULL DEFAULT (''), `author` text NOT NULL, `place` text NOT NULL, `addressee` text NOT NULL DEFAULT ('000000'), `standing` text NOT NULL, `answer` text NOT NULL DEFAULT (''), `reference` text NOT NULL DEFAULT (''), `answered_by` text NOT NULL DEFAULT (''), `answered_at` datetime NULL, `published` bool NOT NULL DEFAULT (false), `opinion` text NOT NULL DEFAULT (''), `supported` bool NOT NULL DEFAULT (false), `opinion_by` text NOT NULL DEFAULT (''), `opinion_at` datetime NULL, `due_at` datetime NULL, `pending` bool NOT NULL DEFAULT (true), `told` text NOT NULL DEFAULT ('{}'), `created_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- copy rows from old table "list_letters" to new temporary table "new_list_letters"
INSERT INTO `new_list_letters` (`id`, `kind`, `city`, `number`, `subject`, `words`, `papers`, `wanted`, `author`, `place`, `standing`, `answer`, `reference`, `answered_by`, `answered_at`, `published`, `due_at`, `created_at`) SELECT `id`, `kind`, `city`, `number`, `subject`, `words`, `papers`, `wanted`, `author`, `place`, `standing`, `answer`, `reference`, `answered_by`, `answered_at`, `published`, `due_at`, `created_at` FROM `list_letters`;
-- drop "list_letters" table after copying rows
DROP TABLE `list_letters`;
-- rename temporary table "new_list_letters" to "list_letters"
ALTER TABLE `new_list_letters` RENAME TO `list_letters`;
-- create index "listletter_kind_city_id" to table: "list_letters"
CREATE INDEX `listletter_kind_city_id` ON `list_letters` (`kind`, `city`, `id`);
-- create index "listletter_kind_standing_id" to table: "list_letters"
CREATE INDEX `listletter_kind_standing_id` ON `list_letters` (`kind`, `standing`, `id`);
-- create index "listletter_pending_id" to table: "list_letters"
CREATE INDEX `listletter_pending_id` ON `list_letters` (`pending`, `id`);
-- create "new_list_versions" table
CREATE TABLE `new_list_versions` (`id` uuid NOT NULL, `version` integer NOT NULL, `slot` integer NOT NULL DEFAULT (1), `document` blob NOT NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- copy rows from old table "list_versions" to new temporary table "new_list_versions"
INSERT INTO `new_list_versions` (`id`, `version`, `document`, `created_at`) SELECT `id`, `version`, `document`, `created_at` FROM `list_versions`;
-- drop "list_versions" table after copying rows
DROP TABLE `list_versions`;
-- rename temporary table "new_list_versions" to "list_versions"
ALTER TABLE `new_list_versions` RENAME TO `list_versions`;
-- create index "listversion_slot_version" to table: "list_versions"
CREATE UNIQUE INDEX `listversion_slot_version` ON `list_versions` (`slot`, `version`);
-- create "new_list_progresses" table
CREATE TABLE `new_list_progresses` (`id` uuid NOT NULL, `city` text NOT NULL, `number` text NOT NULL, `title` text NOT NULL, `origin` text NOT NULL, `authority` text NOT NULL DEFAULT (''), `mode` text NOT NULL DEFAULT (''), `target` text NOT NULL DEFAULT (''), `prompt_until` datetime NULL, `steps` integer NOT NULL DEFAULT (0), `done` integer NOT NULL DEFAULT (0), `evidence` integer NOT NULL DEFAULT (0), `due_at` datetime NULL, `plan` text NOT NULL DEFAULT ('[]'), `revision` integer NOT NULL DEFAULT (1), `updated_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- copy rows from old table "list_progresses" to new temporary table "new_list_progresses"
INSERT INTO `new_list_progresses` (`id`, `city`, `number`, `title`, `origin`, `authority`, `mode`, `target`, `prompt_until`, `steps`, `done`, `evidence`, `due_at`, `plan`, `updated_at`) SELECT `id`, `city`, `number`, `title`, `origin`, `authority`, `mode`, `target`, `prompt_until`, `steps`, `done`, `evidence`, `due_at`, `plan`, `updated_at` FROM `list_progresses`;
-- drop "list_progresses" table after copying rows
DROP TABLE `list_progresses`;
-- rename temporary table "new_list_progresses" to "list_progresses"
ALTER TABLE `new_list_progresses` RENAME TO `list_progresses`;
-- create index "listprogress_city_number" to table: "list_progresses"
CREATE UNIQUE INDEX `listprogress_city_number` ON `list_progresses` (`city`, `number`);
-- create index "listprogress_number_city" to table: "list_progresses"
CREATE INDEX `listprogress_number_city` ON `list_progresses` (`number`, `city`);
-- create "far_places" table
CREATE TABLE `far_places` (`id` uuid NOT NULL, `code` text NOT NULL, `title` text NOT NULL, `region` text NOT NULL DEFAULT (''), `created_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- create index "far_places_code_key" to table: "far_places"
CREATE UNIQUE INDEX `far_places_code_key` ON `far_places` (`code`);
-- create "key_proposals" table
CREATE TABLE `key_proposals` (`tenant` text NOT NULL, `id` uuid NOT NULL, `number` integer NOT NULL, `slot` integer NOT NULL, `suite` text NOT NULL, `lost` bool NOT NULL, `reason` text NOT NULL, `author` text NOT NULL, `standing` text NOT NULL, `decided_by` text NOT NULL DEFAULT (''), `created_at` datetime NOT NULL, PRIMARY KEY (`tenant`, `id`));
-- create index "keyproposal_tenant_number" to table: "key_proposals"
CREATE UNIQUE INDEX `keyproposal_tenant_number` ON `key_proposals` (`tenant`, `number`);
-- create "list_trusts" table
CREATE TABLE `list_trusts` (`id` uuid NOT NULL, `slot` integer NOT NULL, `place` text NOT NULL, `by` text NOT NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- create index "listtrust_slot_place" to table: "list_trusts"
CREATE UNIQUE INDEX `listtrust_slot_place` ON `list_trusts` (`slot`, `place`);
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;

-- +goose Down
-- reverse: create index "listtrust_slot_place" to table: "list_trusts"
DROP INDEX `listtrust_slot_place`;
-- reverse: create "list_trusts" table
DROP TABLE `list_trusts`;
-- reverse: create index "keyproposal_tenant_number" to table: "key_proposals"
DROP INDEX `keyproposal_tenant_number`;
-- reverse: create "key_proposals" table
DROP TABLE `key_proposals`;
-- reverse: create index "far_places_code_key" to table: "far_places"
DROP INDEX `far_places_code_key`;
-- reverse: create "far_places" table
DROP TABLE `far_places`;
-- reverse: create index "listprogress_number_city" to table: "list_progresses"
DROP INDEX `listprogress_number_city`;
-- reverse: create index "listprogress_city_number" to table: "list_progresses"
DROP INDEX `listprogress_city_number`;
-- reverse: create "new_list_progresses" table
DROP TABLE `new_list_progresses`;
-- reverse: create index "listversion_slot_version" to table: "list_versions"
DROP INDEX `listversion_slot_version`;
-- reverse: create "new_list_versions" table
DROP TABLE `new_list_versions`;
-- reverse: create index "listletter_pending_id" to table: "list_letters"
DROP INDEX `listletter_pending_id`;
-- reverse: create index "listletter_kind_standing_id" to table: "list_letters"
DROP INDEX `listletter_kind_standing_id`;
-- reverse: create index "listletter_kind_city_id" to table: "list_letters"
DROP INDEX `listletter_kind_city_id`;
-- reverse: create "new_list_letters" table
DROP TABLE `new_list_letters`;
-- reverse: create index "list_keys_slot_key" to table: "list_keys"
DROP INDEX `list_keys_slot_key`;
-- reverse: create "new_list_keys" table
DROP TABLE `new_list_keys`;
