-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- create "new_assignments" table
CREATE TABLE `new_assignments` (`tenant` text NOT NULL, `id` uuid NOT NULL, `work_order_id` uuid NOT NULL, `parent_id` uuid NULL, `unit` text NOT NULL, `path` text NOT NULL, `lead` bool NOT NULL, `state` text NOT NULL, `instruction` text NOT NULL DEFAULT (''), `handler` text NOT NULL DEFAULT (''), `round` integer NOT NULL DEFAULT (0), `missed` integer NOT NULL DEFAULT (0), `climbed_to` text NOT NULL DEFAULT (''), `dispatched_at` datetime NOT NULL, `signed_at` datetime NULL, `contacted_at` datetime NULL, `replied_at` datetime NULL, `ended_at` datetime NULL, PRIMARY KEY (`tenant`, `id`), CONSTRAINT `assignments_work_order_id` FOREIGN KEY (`tenant`, `work_order_id`) REFERENCES `work_orders` (`tenant`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION);
-- copy rows from old table "assignments" to new temporary table "new_assignments"
INSERT INTO `new_assignments` (`tenant`, `id`, `work_order_id`, `parent_id`, `unit`, `path`, `lead`, `state`, `instruction`, `handler`, `round`, `dispatched_at`, `signed_at`, `contacted_at`, `replied_at`, `ended_at`) SELECT `tenant`, `id`, `work_order_id`, `parent_id`, `unit`, `path`, `lead`, `state`, `instruction`, `handler`, `round`, `dispatched_at`, `signed_at`, `contacted_at`, `replied_at`, `ended_at` FROM `assignments`;
-- drop "assignments" table after copying rows
DROP TABLE `assignments`;
-- rename temporary table "new_assignments" to "assignments"
ALTER TABLE `new_assignments` RENAME TO `assignments`;
-- create index "assignment_tenant_work_order_id" to table: "assignments"
CREATE INDEX `assignment_tenant_work_order_id` ON `assignments` (`tenant`, `work_order_id`);
-- create index "assignment_tenant_unit_state" to table: "assignments"
CREATE INDEX `assignment_tenant_unit_state` ON `assignments` (`tenant`, `unit`, `state`);
-- create index "assignment_tenant_path" to table: "assignments"
CREATE INDEX `assignment_tenant_path` ON `assignments` (`tenant`, `path`);
-- create "new_clocks" table
CREATE TABLE `new_clocks` (`tenant` text NOT NULL, `id` uuid NOT NULL, `work_order_id` uuid NOT NULL, `step` text NOT NULL, `unit` text NOT NULL DEFAULT (''), `span` text NOT NULL, `policy` integer NOT NULL, `start_at` datetime NOT NULL, `due_at` datetime NOT NULL, `stop_at` datetime NULL, `overdue_at` datetime NULL, `application_id` uuid NULL, `warned` integer NOT NULL DEFAULT (0), `warn_at` datetime NULL, `fires` bool NOT NULL DEFAULT (false), `fired_at` datetime NULL, `paused_at` datetime NULL, `remaining` text NOT NULL DEFAULT (''), PRIMARY KEY (`tenant`, `id`), CONSTRAINT `clocks_work_order_id` FOREIGN KEY (`tenant`, `work_order_id`) REFERENCES `work_orders` (`tenant`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION);
-- copy rows from old table "clocks" to new temporary table "new_clocks"
INSERT INTO `new_clocks` (`tenant`, `id`, `work_order_id`, `step`, `unit`, `span`, `policy`, `start_at`, `due_at`, `stop_at`, `overdue_at`) SELECT `tenant`, `id`, `work_order_id`, `step`, `unit`, `span`, `policy`, `start_at`, `due_at`, `stop_at`, `overdue_at` FROM `clocks`;
-- drop "clocks" table after copying rows
DROP TABLE `clocks`;
-- rename temporary table "new_clocks" to "clocks"
ALTER TABLE `new_clocks` RENAME TO `clocks`;
-- create index "clock_tenant_work_order_id" to table: "clocks"
CREATE INDEX `clock_tenant_work_order_id` ON `clocks` (`tenant`, `work_order_id`);
-- create index "clock_tenant_stop_at_overdue_at_due_at" to table: "clocks"
CREATE INDEX `clock_tenant_stop_at_overdue_at_due_at` ON `clocks` (`tenant`, `stop_at`, `overdue_at`, `due_at`);
-- create index "clock_tenant_stop_at_warn_at" to table: "clocks"
CREATE INDEX `clock_tenant_stop_at_warn_at` ON `clocks` (`tenant`, `stop_at`, `warn_at`);
-- create index "clock_tenant_fires_stop_at_fired_at_due_at" to table: "clocks"
CREATE INDEX `clock_tenant_fires_stop_at_fired_at_due_at` ON `clocks` (`tenant`, `fires`, `stop_at`, `fired_at`, `due_at`);
-- create "new_work_orders" table
CREATE TABLE `new_work_orders` (`tenant` text NOT NULL, `id` uuid NOT NULL, `number` text NOT NULL, `version` integer NOT NULL DEFAULT (1), `state` text NOT NULL, `disposition` text NOT NULL, `kind` text NOT NULL, `category` text NOT NULL, `urgency` text NOT NULL, `channel` text NOT NULL, `title` text NOT NULL, `district` text NOT NULL DEFAULT (''), `confidential` bool NOT NULL DEFAULT (false), `anonymous` bool NOT NULL DEFAULT (false), `law_enforcement` bool NOT NULL DEFAULT (false), `name` blob NULL, `phone` blob NULL, `id_number` blob NULL, `address` blob NULL, `email` blob NULL, `words` blob NULL, `body` blob NULL, `location` blob NULL, `evidence` blob NULL, `phone_index` blob NULL, `code` blob NULL, `reason` text NOT NULL DEFAULT (''), `told` text NOT NULL DEFAULT (''), `citation` text NOT NULL DEFAULT (''), `target_city` text NOT NULL DEFAULT (''), `repeat_of` text NOT NULL DEFAULT (''), `source_id` text NULL, `taken_by` text NOT NULL DEFAULT (''), `holder` text NOT NULL DEFAULT (''), `lead` text NOT NULL DEFAULT (''), `lead_path` text NOT NULL DEFAULT (''), `conclusion` text NOT NULL DEFAULT (''), `public_answer` text NOT NULL DEFAULT (''), `urges` integer NOT NULL DEFAULT (0), `reworks` integer NOT NULL DEFAULT (0), `supplements` integer NOT NULL DEFAULT (0), `overdue` bool NOT NULL DEFAULT (false), `warning` integer NOT NULL DEFAULT (0), `returns` integer NOT NULL DEFAULT (0), `improper_returns` integer NOT NULL DEFAULT (0), `escalations` integer NOT NULL DEFAULT (0), `locked` bool NOT NULL DEFAULT (false), `adjudicating` bool NOT NULL DEFAULT (false), `hard` bool NOT NULL DEFAULT (false), `supervised` bool NOT NULL DEFAULT (false), `unreasonable` bool NOT NULL DEFAULT (false), `clustered` bool NOT NULL DEFAULT (false), `suspicious` bool NOT NULL DEFAULT (false), `excluded` text NOT NULL DEFAULT (''), `main_id` uuid NULL, `brief` blob NULL, `place_index` blob NULL, `events` integer NOT NULL DEFAULT (0), `event_head` blob NULL, `readings` integer NOT NULL DEFAULT (0), `reading_head` blob NULL, `received_at` datetime NOT NULL, `dispatched_at` datetime NULL, `concluded_at` datetime NULL, `closed_at` datetime NULL, `due_at` datetime NOT NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`tenant`, `id`));
-- copy rows from old table "work_orders" to new temporary table "new_work_orders"
INSERT INTO `new_work_orders` (`tenant`, `id`, `number`, `version`, `state`, `disposition`, `kind`, `category`, `urgency`, `channel`, `title`, `district`, `confidential`, `anonymous`, `law_enforcement`, `name`, `phone`, `id_number`, `address`, `email`, `words`, `body`, `location`, `evidence`, `phone_index`, `code`, `reason`, `told`, `citation`, `target_city`, `repeat_of`, `source_id`, `taken_by`, `holder`, `lead`, `lead_path`, `conclusion`, `public_answer`, `urges`, `reworks`, `supplements`, `overdue`, `events`, `event_head`, `readings`, `reading_head`, `received_at`, `dispatched_at`, `concluded_at`, `closed_at`, `due_at`, `created_at`) SELECT `tenant`, `id`, `number`, `version`, `state`, `disposition`, `kind`, `category`, `urgency`, `channel`, `title`, `district`, `confidential`, `anonymous`, `law_enforcement`, `name`, `phone`, `id_number`, `address`, `email`, `words`, `body`, `location`, `evidence`, `phone_index`, `code`, `reason`, `told`, `citation`, `target_city`, `repeat_of`, `source_id`, `taken_by`, `holder`, `lead`, `lead_path`, `conclusion`, `public_answer`, `urges`, `reworks`, `supplements`, `overdue`, `events`, `event_head`, `readings`, `reading_head`, `received_at`, `dispatched_at`, `concluded_at`, `closed_at`, `due_at`, `created_at` FROM `work_orders`;
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
-- create index "workorder_tenant_main_id" to table: "work_orders"
CREATE INDEX `workorder_tenant_main_id` ON `work_orders` (`tenant`, `main_id`);
-- create index "workorder_tenant_place_index_received_at" to table: "work_orders"
CREATE INDEX `workorder_tenant_place_index_received_at` ON `work_orders` (`tenant`, `place_index`, `received_at`);
-- create "applications" table
CREATE TABLE `applications` (`tenant` text NOT NULL, `id` uuid NOT NULL, `work_order_id` uuid NOT NULL, `assignment_id` uuid NULL, `about_id` uuid NULL, `kind` text NOT NULL, `standing` text NOT NULL, `asked_by` text NOT NULL, `asked_unit` text NOT NULL DEFAULT (''), `reason` text NOT NULL DEFAULT (''), `ground` text NOT NULL DEFAULT (''), `evidence` blob NULL, `suggested_unit` text NOT NULL DEFAULT (''), `span` text NOT NULL DEFAULT (''), `until_at` datetime NULL, `responsible` text NOT NULL DEFAULT (''), `milestones` text NOT NULL DEFAULT (''), `heard` text NOT NULL DEFAULT (''), `heard_by` text NOT NULL DEFAULT (''), `heard_words` text NOT NULL DEFAULT (''), `first_by` text NOT NULL DEFAULT (''), `first_words` text NOT NULL DEFAULT (''), `decided_by` text NOT NULL DEFAULT (''), `decision` text NOT NULL DEFAULT (''), `decided_at` datetime NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`tenant`, `id`), CONSTRAINT `applications_work_order_id` FOREIGN KEY (`tenant`, `work_order_id`) REFERENCES `work_orders` (`tenant`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "application_tenant_work_order_id" to table: "applications"
CREATE INDEX `application_tenant_work_order_id` ON `applications` (`tenant`, `work_order_id`);
-- create index "application_tenant_standing_kind_id" to table: "applications"
CREATE INDEX `application_tenant_standing_kind_id` ON `applications` (`tenant`, `standing`, `kind`, `id`);
-- create index "application_tenant_asked_unit_kind_id" to table: "applications"
CREATE INDEX `application_tenant_asked_unit_kind_id` ON `applications` (`tenant`, `asked_unit`, `kind`, `id`);
-- create index "application_tenant_suggested_unit_standing" to table: "applications"
CREATE INDEX `application_tenant_suggested_unit_standing` ON `applications` (`tenant`, `suggested_unit`, `standing`);
-- create "attachments" table
CREATE TABLE `attachments` (`tenant` text NOT NULL, `id` uuid NOT NULL, `work_order_id` uuid NOT NULL, `title` blob NULL, `secret` blob NULL, `media_type` text NOT NULL, `size` integer NOT NULL, `digest` text NOT NULL, `by_citizen` bool NOT NULL, `author` text NOT NULL, `unit` text NOT NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`tenant`, `id`), CONSTRAINT `attachments_work_order_id` FOREIGN KEY (`tenant`, `work_order_id`) REFERENCES `work_orders` (`tenant`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "attachment_tenant_work_order_id_digest" to table: "attachments"
CREATE UNIQUE INDEX `attachment_tenant_work_order_id_digest` ON `attachments` (`tenant`, `work_order_id`, `digest`);
-- create "clock_moves" table
CREATE TABLE `clock_moves` (`tenant` text NOT NULL, `id` uuid NOT NULL, `work_order_id` uuid NOT NULL, `clock_id` uuid NOT NULL, `seq` integer NOT NULL, `cause` text NOT NULL, `base_at` datetime NOT NULL, `span` text NOT NULL, `before_at` datetime NOT NULL, `after_at` datetime NOT NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`tenant`, `id`), CONSTRAINT `clock_moves_work_order_id` FOREIGN KEY (`tenant`, `work_order_id`) REFERENCES `work_orders` (`tenant`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT `clock_moves_clock_id` FOREIGN KEY (`tenant`, `clock_id`) REFERENCES `clocks` (`tenant`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "clockmove_tenant_clock_id_seq" to table: "clock_moves"
CREATE UNIQUE INDEX `clockmove_tenant_clock_id_seq` ON `clock_moves` (`tenant`, `clock_id`, `seq`);
-- create index "clockmove_tenant_work_order_id" to table: "clock_moves"
CREATE INDEX `clockmove_tenant_work_order_id` ON `clock_moves` (`tenant`, `work_order_id`);
-- create "hand_offs" table
CREATE TABLE `hand_offs` (`tenant` text NOT NULL, `id` uuid NOT NULL, `work_order_id` uuid NOT NULL, `unit` text NOT NULL, `three_way` bool NOT NULL, `life_at_risk` bool NOT NULL, `outcome` text NOT NULL, `words` blob NULL, `author` text NOT NULL, `back_reason` text NOT NULL DEFAULT (''), `back_by` text NOT NULL DEFAULT (''), `back_at` datetime NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`tenant`, `id`), CONSTRAINT `hand_offs_work_order_id` FOREIGN KEY (`tenant`, `work_order_id`) REFERENCES `work_orders` (`tenant`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "handoff_tenant_work_order_id" to table: "hand_offs"
CREATE INDEX `handoff_tenant_work_order_id` ON `hand_offs` (`tenant`, `work_order_id`);
-- create index "handoff_tenant_unit_id" to table: "hand_offs"
CREATE INDEX `handoff_tenant_unit_id` ON `hand_offs` (`tenant`, `unit`, `id`);
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;

-- +goose Down
-- reverse: create index "handoff_tenant_unit_id" to table: "hand_offs"
DROP INDEX `handoff_tenant_unit_id`;
-- reverse: create index "handoff_tenant_work_order_id" to table: "hand_offs"
DROP INDEX `handoff_tenant_work_order_id`;
-- reverse: create "hand_offs" table
DROP TABLE `hand_offs`;
-- reverse: create index "clockmove_tenant_work_order_id" to table: "clock_moves"
DROP INDEX `clockmove_tenant_work_order_id`;
-- reverse: create index "clockmove_tenant_clock_id_seq" to table: "clock_moves"
DROP INDEX `clockmove_tenant_clock_id_seq`;
-- reverse: create "clock_moves" table
DROP TABLE `clock_moves`;
-- reverse: create index "attachment_tenant_work_order_id_digest" to table: "attachments"
DROP INDEX `attachment_tenant_work_order_id_digest`;
-- reverse: create "attachments" table
DROP TABLE `attachments`;
-- reverse: create index "application_tenant_suggested_unit_standing" to table: "applications"
DROP INDEX `application_tenant_suggested_unit_standing`;
-- reverse: create index "application_tenant_asked_unit_kind_id" to table: "applications"
DROP INDEX `application_tenant_asked_unit_kind_id`;
-- reverse: create index "application_tenant_standing_kind_id" to table: "applications"
DROP INDEX `application_tenant_standing_kind_id`;
-- reverse: create index "application_tenant_work_order_id" to table: "applications"
DROP INDEX `application_tenant_work_order_id`;
-- reverse: create "applications" table
DROP TABLE `applications`;
-- reverse: create index "workorder_tenant_place_index_received_at" to table: "work_orders"
DROP INDEX `workorder_tenant_place_index_received_at`;
-- reverse: create index "workorder_tenant_main_id" to table: "work_orders"
DROP INDEX `workorder_tenant_main_id`;
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
-- reverse: create index "clock_tenant_fires_stop_at_fired_at_due_at" to table: "clocks"
DROP INDEX `clock_tenant_fires_stop_at_fired_at_due_at`;
-- reverse: create index "clock_tenant_stop_at_warn_at" to table: "clocks"
DROP INDEX `clock_tenant_stop_at_warn_at`;
-- reverse: create index "clock_tenant_stop_at_overdue_at_due_at" to table: "clocks"
DROP INDEX `clock_tenant_stop_at_overdue_at_due_at`;
-- reverse: create index "clock_tenant_work_order_id" to table: "clocks"
DROP INDEX `clock_tenant_work_order_id`;
-- reverse: create "new_clocks" table
DROP TABLE `new_clocks`;
-- reverse: create index "assignment_tenant_path" to table: "assignments"
DROP INDEX `assignment_tenant_path`;
-- reverse: create index "assignment_tenant_unit_state" to table: "assignments"
DROP INDEX `assignment_tenant_unit_state`;
-- reverse: create index "assignment_tenant_work_order_id" to table: "assignments"
DROP INDEX `assignment_tenant_work_order_id`;
-- reverse: create "new_assignments" table
DROP TABLE `new_assignments`;
