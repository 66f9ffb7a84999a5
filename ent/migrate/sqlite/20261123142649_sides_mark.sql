-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- create "new_work_orders" table
CREATE TABLE `new_work_orders` (`tenant` text NOT NULL, `id` uuid NOT NULL, `number` text NOT NULL, `version` integer NOT NULL DEFAULT (1), `state` text NOT NULL, `disposition` text NOT NULL, `kind` text NOT NULL, `category` text NOT NULL, `urgency` text NOT NULL, `channel` text NOT NULL, `title` text NOT NULL, `district` text NOT NULL DEFAULT (''), `confidential` bool NOT NULL DEFAULT (false), `anonymous` bool NOT NULL DEFAULT (false), `law_enforcement` bool NOT NULL DEFAULT (false), `name` blob NULL, `phone` blob NULL, `id_number` blob NULL, `address` blob NULL, `email` blob NULL, `words` blob NULL, `body` blob NULL, `location` blob NULL, `evidence` blob NULL, `phone_index` blob NULL, `code` blob NULL, `reason` text NOT NULL DEFAULT (''), `told` text NOT NULL DEFAULT (''), `citation` text NOT NULL DEFAULT (''), `target_city` text NOT NULL DEFAULT (''), `repeat_of` text NOT NULL DEFAULT (''), `source_id` text NULL, `taken_by` text NOT NULL DEFAULT (''), `holder` text NOT NULL DEFAULT (''), `lead` text NOT NULL DEFAULT (''), `lead_path` text NOT NULL DEFAULT (''), `conclusion` text NOT NULL DEFAULT (''), `public_answer` text NOT NULL DEFAULT (''), `urges` integer NOT NULL DEFAULT (0), `reworks` integer NOT NULL DEFAULT (0), `supplements` integer NOT NULL DEFAULT (0), `overdue` bool NOT NULL DEFAULT (false), `warning` integer NOT NULL DEFAULT (0), `returns` integer NOT NULL DEFAULT (0), `improper_returns` integer NOT NULL DEFAULT (0), `escalations` integer NOT NULL DEFAULT (0), `locked` bool NOT NULL DEFAULT (false), `adjudicating` bool NOT NULL DEFAULT (false), `hard` bool NOT NULL DEFAULT (false), `supervised` bool NOT NULL DEFAULT (false), `unreasonable` bool NOT NULL DEFAULT (false), `clustered` bool NOT NULL DEFAULT (false), `suspicious` bool NOT NULL DEFAULT (false), `excluded` text NOT NULL DEFAULT (''), `sides` bool NOT NULL DEFAULT (false), `main_id` uuid NULL, `brief` blob NULL, `place_index` blob NULL, `events` integer NOT NULL DEFAULT (0), `event_head` blob NULL, `readings` integer NOT NULL DEFAULT (0), `reading_head` blob NULL, `received_at` datetime NOT NULL, `dispatched_at` datetime NULL, `concluded_at` datetime NULL, `closed_at` datetime NULL, `due_at` datetime NOT NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`tenant`, `id`));
-- copy rows from old table "work_orders" to new temporary table "new_work_orders"
INSERT INTO `new_work_orders` (`tenant`, `id`, `number`, `version`, `state`, `disposition`, `kind`, `category`, `urgency`, `channel`, `title`, `district`, `confidential`, `anonymous`, `law_enforcement`, `name`, `phone`, `id_number`, `address`, `email`, `words`, `body`, `location`, `evidence`, `phone_index`, `code`, `reason`, `told`, `citation`, `target_city`, `repeat_of`, `source_id`, `taken_by`, `holder`, `lead`, `lead_path`, `conclusion`, `public_answer`, `urges`, `reworks`, `supplements`, `overdue`, `warning`, `returns`, `improper_returns`, `escalations`, `locked`, `adjudicating`, `hard`, `supervised`, `unreasonable`, `clustered`, `suspicious`, `excluded`, `main_id`, `brief`, `place_index`, `events`, `event_head`, `readings`, `reading_head`, `received_at`, `dispatched_at`, `concluded_at`, `closed_at`, `due_at`, `created_at`) SELECT `tenant`, `id`, `number`, `version`, `state`, `disposition`, `kind`, `category`, `urgency`, `channel`, `title`, `district`, `confidential`, `anonymous`, `law_enforcement`, `name`, `phone`, `id_number`, `address`, `email`, `words`, `body`, `location`, `evidence`, `phone_index`, `code`, `reason`, `told`, `citation`, `target_city`, `repeat_of`, `source_id`, `taken_by`, `holder`, `lead`, `lead_path`, `conclusion`, `public_answer`, `urges`, `reworks`, `supplements`, `overdue`, `warning`, `returns`, `improper_returns`, `escalations`, `locked`, `adjudicating`, `hard`, `supervised`, `unreasonable`, `clustered`, `suspicious`, `excluded`, `main_id`, `brief`, `place_index`, `events`, `event_head`, `readings`, `reading_head`, `received_at`, `dispatched_at`, `concluded_at`, `closed_at`, `due_at`, `created_at` FROM `work_orders`;
-- drop "work_orders" table after copying rows
DROP TABLE `work_orders`;
-- rename temporary table "new_work_orders" to "work_orders"
ALTER TABLE `new_work_orders` RENAME TO `work_orders`;
-- create index "workorder_tenant_number" to table: "work_orders"
CREATE UNIQUE INDEX `workorder_tenant_number` ON `work_orders` (`tenant`, `number`);
-- create index "workorder_tenant_received_at_id" to table: "work_orders"
CREATE INDEX `workorder_tenant_received_at_id` ON `work_orders` (`tenant`, `received_at`, `id`);
-- create index "workorder_tenant_due_at_id" to table: "work_orders"
CREATE INDEX `workorder_tenant_due_at_id` ON `work_orders` (`tenant`, `due_at`, `id`);
-- create index "workorder_tenant_state_received_at_id" to table: "work_orders"
CREATE INDEX `workorder_tenant_state_received_at_id` ON `work_orders` (`tenant`, `state`, `received_at`, `id`);
-- create index "workorder_tenant_state_due_at_id" to table: "work_orders"
CREATE INDEX `workorder_tenant_state_due_at_id` ON `work_orders` (`tenant`, `state`, `due_at`, `id`);
-- create index "workorder_tenant_phone_index_received_at" to table: "work_orders"
CREATE INDEX `workorder_tenant_phone_index_received_at` ON `work_orders` (`tenant`, `phone_index`, `received_at`);
-- create index "workorder_tenant_category_district_received_at" to table: "work_orders"
CREATE INDEX `workorder_tenant_category_district_received_at` ON `work_orders` (`tenant`, `category`, `district`, `received_at`);
-- create index "workorder_tenant_source_id" to table: "work_orders"
CREATE UNIQUE INDEX `workorder_tenant_source_id` ON `work_orders` (`tenant`, `source_id`);
-- create index "workorder_tenant_main_id_id" to table: "work_orders"
CREATE INDEX `workorder_tenant_main_id_id` ON `work_orders` (`tenant`, `main_id`, `id`);
-- create index "workorder_tenant_place_index_received_at" to table: "work_orders"
CREATE INDEX `workorder_tenant_place_index_received_at` ON `work_orders` (`tenant`, `place_index`, `received_at`);
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;

-- +goose Down
-- reverse: create index "workorder_tenant_place_index_received_at" to table: "work_orders"
DROP INDEX `workorder_tenant_place_index_received_at`;
-- reverse: create index "workorder_tenant_main_id_id" to table: "work_orders"
DROP INDEX `workorder_tenant_main_id_id`;
-- reverse: create index "workorder_tenant_source_id" to table: "work_orders"
DROP INDEX `workorder_tenant_source_id`;
-- reverse: create index "workorder_tenant_category_district_received_at" to table: "work_orders"
DROP INDEX `workorder_tenant_category_district_received_at`;
-- reverse: create index "workorder_tenant_phone_index_received_at" to table: "work_orders"
DROP INDEX `workorder_tenant_phone_index_received_at`;
-- reverse: create index "workorder_tenant_state_due_at_id" to table: "work_orders"
DROP INDEX `workorder_tenant_state_due_at_id`;
-- reverse: create index "workorder_tenant_state_received_at_id" to table: "work_orders"
DROP INDEX `workorder_tenant_state_received_at_id`;
-- reverse: create index "workorder_tenant_due_at_id" to table: "work_orders"
DROP INDEX `workorder_tenant_due_at_id`;
-- reverse: create index "workorder_tenant_received_at_id" to table: "work_orders"
DROP INDEX `workorder_tenant_received_at_id`;
-- reverse: create index "workorder_tenant_number" to table: "work_orders"
DROP INDEX `workorder_tenant_number`;
-- reverse: create "new_work_orders" table
DROP TABLE `new_work_orders`;
