-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- create "new_attachments" table
CREATE TABLE `new_attachments` (`tenant` text NOT NULL, `id` uuid NOT NULL, `work_order_id` uuid NOT NULL, `title` blob NULL, `secret` blob NULL, `media_type` text NOT NULL, `size` integer NOT NULL, `digest` text NOT NULL, `source` text NOT NULL DEFAULT (''), `here` bool NOT NULL DEFAULT (true), `by_citizen` bool NOT NULL, `author` text NOT NULL, `unit` text NOT NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`tenant`, `id`), CONSTRAINT `attachments_work_order_id` FOREIGN KEY (`tenant`, `work_order_id`) REFERENCES `work_orders` (`tenant`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION);
-- copy rows from old table "attachments" to new temporary table "new_attachments"
INSERT INTO `new_attachments` (`tenant`, `id`, `work_order_id`, `title`, `secret`, `media_type`, `size`, `digest`, `by_citizen`, `author`, `unit`, `created_at`) SELECT `tenant`, `id`, `work_order_id`, `title`, `secret`, `media_type`, `size`, `digest`, `by_citizen`, `author`, `unit`, `created_at` FROM `attachments`;
-- drop "attachments" table after copying rows
DROP TABLE `attachments`;
-- rename temporary table "new_attachments" to "attachments"
ALTER TABLE `new_attachments` RENAME TO `attachments`;
-- create index "attachment_tenant_work_order_id_digest" to table: "attachments"
CREATE UNIQUE INDEX `attachment_tenant_work_order_id_digest` ON `attachments` (`tenant`, `work_order_id`, `digest`);
-- add column "transfer_id" to table: "work_orders"
ALTER TABLE `work_orders` ADD COLUMN `transfer_id` uuid NULL;
-- create "city_keys" table
CREATE TABLE `city_keys` (`tenant` text NOT NULL, `id` uuid NOT NULL, `purpose` text NOT NULL, `algorithm` integer NOT NULL, `public` blob NOT NULL, `private` blob NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`tenant`, `id`));
-- create index "citykey_tenant_purpose_id" to table: "city_keys"
CREATE INDEX `citykey_tenant_purpose_id` ON `city_keys` (`tenant`, `purpose`, `id`);
-- create "outgoings" table
CREATE TABLE `outgoings` (`tenant` text NOT NULL, `id` uuid NOT NULL, `region` text NOT NULL, `transfer_id` uuid NOT NULL, `act` text NOT NULL, `content` blob NULL, `sequence` integer NOT NULL DEFAULT (0), `tries` integer NOT NULL DEFAULT (0), `next_at` datetime NULL, `sent_at` datetime NULL, `refused` text NOT NULL DEFAULT (''), `created_at` datetime NOT NULL, PRIMARY KEY (`tenant`, `id`), CONSTRAINT `outgoings_transfer_id` FOREIGN KEY (`tenant`, `transfer_id`) REFERENCES `transfers` (`tenant`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "outgoing_tenant_sent_at_id" to table: "outgoings"
CREATE INDEX `outgoing_tenant_sent_at_id` ON `outgoings` (`tenant`, `sent_at`, `id`);
-- create index "outgoing_tenant_transfer_id_id" to table: "outgoings"
CREATE INDEX `outgoing_tenant_transfer_id_id` ON `outgoings` (`tenant`, `transfer_id`, `id`);
-- create "transfers" table
CREATE TABLE `transfers` (`tenant` text NOT NULL, `id` uuid NOT NULL, `region` text NOT NULL, `origin` text NOT NULL, `number` integer NOT NULL, `work_order_id` uuid NULL, `target` text NOT NULL, `state` text NOT NULL, `sequence` integer NOT NULL DEFAULT (0), `mode` text NOT NULL, `urgency` text NOT NULL, `order_number` text NOT NULL, `category` text NOT NULL DEFAULT (''), `category_title` text NOT NULL DEFAULT (''), `target_category` text NOT NULL DEFAULT (''), `basis` text NOT NULL DEFAULT (''), `call` text NOT NULL DEFAULT (''), `callback` text NOT NULL, `consent` bool NOT NULL DEFAULT (false), `confidential` bool NOT NULL DEFAULT (false), `declines` integer NOT NULL DEFAULT (0), `reason` text NOT NULL DEFAULT (''), `ground` text NOT NULL DEFAULT (''), `responsible` text NOT NULL DEFAULT (''), `pending` text NOT NULL DEFAULT (''), `sampled` bool NOT NULL DEFAULT (false), `started_at` datetime NOT NULL, `sign_due_at` datetime NULL, `answer_due_at` datetime NULL, `changed_at` datetime NOT NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`tenant`, `id`), CONSTRAINT `transfers_work_order_id` FOREIGN KEY (`tenant`, `work_order_id`) REFERENCES `work_orders` (`tenant`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "transfer_tenant_region_origin_number" to table: "transfers"
CREATE UNIQUE INDEX `transfer_tenant_region_origin_number` ON `transfers` (`tenant`, `region`, `origin`, `number`);
-- create index "transfer_tenant_work_order_id_id" to table: "transfers"
CREATE INDEX `transfer_tenant_work_order_id_id` ON `transfers` (`tenant`, `work_order_id`, `id`);
-- create index "transfer_tenant_target_state_id" to table: "transfers"
CREATE INDEX `transfer_tenant_target_state_id` ON `transfers` (`tenant`, `target`, `state`, `id`);
-- create index "transfer_tenant_origin_state_id" to table: "transfers"
CREATE INDEX `transfer_tenant_origin_state_id` ON `transfers` (`tenant`, `origin`, `state`, `id`);
-- create index "transfer_tenant_state_answer_due_at" to table: "transfers"
CREATE INDEX `transfer_tenant_state_answer_due_at` ON `transfers` (`tenant`, `state`, `answer_due_at`);
-- create index "transfer_tenant_call" to table: "transfers"
CREATE INDEX `transfer_tenant_call` ON `transfers` (`tenant`, `call`);
-- create "transfer_acts" table
CREATE TABLE `transfer_acts` (`tenant` text NOT NULL, `id` uuid NOT NULL, `transfer_id` uuid NOT NULL, `sequence` integer NOT NULL, `act` text NOT NULL, `city` text NOT NULL, `summary` text NOT NULL, `words` blob NULL, `signed` blob NOT NULL, `acted_at` datetime NOT NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`tenant`, `id`), CONSTRAINT `transfer_acts_transfer_id` FOREIGN KEY (`tenant`, `transfer_id`) REFERENCES `transfers` (`tenant`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "transferact_tenant_transfer_id_sequence" to table: "transfer_acts"
CREATE UNIQUE INDEX `transferact_tenant_transfer_id_sequence` ON `transfer_acts` (`tenant`, `transfer_id`, `sequence`);
-- create "transfer_numbers" table
CREATE TABLE `transfer_numbers` (`tenant` text NOT NULL, `id` uuid NOT NULL, `region` text NOT NULL, `last` integer NOT NULL, PRIMARY KEY (`tenant`, `id`));
-- create index "transfernumber_tenant_region" to table: "transfer_numbers"
CREATE UNIQUE INDEX `transfernumber_tenant_region` ON `transfer_numbers` (`tenant`, `region`);
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;

-- +goose Down
-- reverse: create index "transfernumber_tenant_region" to table: "transfer_numbers"
DROP INDEX `transfernumber_tenant_region`;
-- reverse: create "transfer_numbers" table
DROP TABLE `transfer_numbers`;
-- reverse: create index "transferact_tenant_transfer_id_sequence" to table: "transfer_acts"
DROP INDEX `transferact_tenant_transfer_id_sequence`;
-- reverse: create "transfer_acts" table
DROP TABLE `transfer_acts`;
-- reverse: create index "transfer_tenant_call" to table: "transfers"
DROP INDEX `transfer_tenant_call`;
-- reverse: create index "transfer_tenant_state_answer_due_at" to table: "transfers"
DROP INDEX `transfer_tenant_state_answer_due_at`;
-- reverse: create index "transfer_tenant_origin_state_id" to table: "transfers"
DROP INDEX `transfer_tenant_origin_state_id`;
-- reverse: create index "transfer_tenant_target_state_id" to table: "transfers"
DROP INDEX `transfer_tenant_target_state_id`;
-- reverse: create index "transfer_tenant_work_order_id_id" to table: "transfers"
DROP INDEX `transfer_tenant_work_order_id_id`;
-- reverse: create index "transfer_tenant_region_origin_number" to table: "transfers"
DROP INDEX `transfer_tenant_region_origin_number`;
-- reverse: create "transfers" table
DROP TABLE `transfers`;
-- reverse: create index "outgoing_tenant_transfer_id_id" to table: "outgoings"
DROP INDEX `outgoing_tenant_transfer_id_id`;
-- reverse: create index "outgoing_tenant_sent_at_id" to table: "outgoings"
DROP INDEX `outgoing_tenant_sent_at_id`;
-- reverse: create "outgoings" table
DROP TABLE `outgoings`;
-- reverse: create index "citykey_tenant_purpose_id" to table: "city_keys"
DROP INDEX `citykey_tenant_purpose_id`;
-- reverse: create "city_keys" table
DROP TABLE `city_keys`;
-- reverse: add column "transfer_id" to table: "work_orders"
ALTER TABLE `work_orders` DROP COLUMN `transfer_id`;
-- reverse: create index "attachment_tenant_work_order_id_digest" to table: "attachments"
DROP INDEX `attachment_tenant_work_order_id_digest`;
-- reverse: create "new_attachments" table
DROP TABLE `new_attachments`;
