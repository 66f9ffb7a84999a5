-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- create "new_transfers" table
CREATE TABLE `new_transfers` (`tenant` text NOT NULL, `id` uuid NOT NULL, `region` text NOT NULL, `origin` text NOT NULL, `number` integer NOT NULL, `work_order_id` uuid NULL, `target` text NOT NULL, `state` text NOT NULL, `sequence` integer NOT NULL DEFAULT (0), `mode` text NOT NULL, `urgency` text NOT NULL, `order_number` text NOT NULL, `category` text NOT NULL DEFAULT (''), `category_title` text NOT NULL DEFAULT (''), `target_category` text NOT NULL DEFAULT (''), `basis` text NOT NULL DEFAULT (''), `call` text NOT NULL DEFAULT (''), `callback` text NOT NULL, `consent` bool NOT NULL DEFAULT (false), `confidential` bool NOT NULL DEFAULT (false), `declines` integer NOT NULL DEFAULT (0), `reason` text NOT NULL DEFAULT (''), `ground` text NOT NULL DEFAULT (''), `responsible` text NOT NULL DEFAULT (''), `pending` text NOT NULL DEFAULT (''), `sampled` bool NOT NULL DEFAULT (false), `overruled` bool NOT NULL DEFAULT (false), `objected` bool NOT NULL DEFAULT (false), `started_at` datetime NOT NULL, `sign_due_at` datetime NULL, `answer_due_at` datetime NULL, `callback_due_at` datetime NULL, `callback_urged_at` datetime NULL, `changed_at` datetime NOT NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`tenant`, `id`), CONSTRAINT `transfers_work_order_id` FOREIGN KEY (`tenant`, `work_order_id`) REFERENCES `work_orders` (`tenant`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION);
-- copy rows from old table "transfers" to new temporary table "new_transfers"
INSERT INTO `new_transfers` (`tenant`, `id`, `region`, `origin`, `number`, `work_order_id`, `target`, `state`, `sequence`, `mode`, `urgency`, `order_number`, `category`, `category_title`, `target_category`, `basis`, `call`, `callback`, `consent`, `confidential`, `declines`, `reason`, `ground`, `responsible`, `pending`, `sampled`, `started_at`, `sign_due_at`, `answer_due_at`, `changed_at`, `created_at`) SELECT `tenant`, `id`, `region`, `origin`, `number`, `work_order_id`, `target`, `state`, `sequence`, `mode`, `urgency`, `order_number`, `category`, `category_title`, `target_category`, `basis`, `call`, `callback`, `consent`, `confidential`, `declines`, `reason`, `ground`, `responsible`, `pending`, `sampled`, `started_at`, `sign_due_at`, `answer_due_at`, `changed_at`, `created_at` FROM `transfers`;
-- drop "transfers" table after copying rows
DROP TABLE `transfers`;
-- rename temporary table "new_transfers" to "transfers"
ALTER TABLE `new_transfers` RENAME TO `transfers`;
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
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;

-- +goose Down
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
-- reverse: create "new_transfers" table
DROP TABLE `new_transfers`;
