-- +goose Up
-- create "accounts" table
CREATE TABLE `accounts` (`id` uuid NOT NULL, `login` text NOT NULL, `display_name` text NOT NULL, `password` text NOT NULL, `disabled` bool NOT NULL DEFAULT (false), `created_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- create index "accounts_login_key" to table: "accounts"
CREATE UNIQUE INDEX `accounts_login_key` ON `accounts` (`login`);
-- create "assignments" table
CREATE TABLE `assignments` (`tenant` text NOT NULL, `id` uuid NOT NULL, `work_order_id` uuid NOT NULL, `parent_id` uuid NULL, `unit` text NOT NULL, `path` text NOT NULL, `lead` bool NOT NULL, `state` text NOT NULL, `instruction` text NOT NULL DEFAULT (''), `handler` text NOT NULL DEFAULT (''), `round` integer NOT NULL DEFAULT (0), `dispatched_at` datetime NOT NULL, `signed_at` datetime NULL, `contacted_at` datetime NULL, `replied_at` datetime NULL, `ended_at` datetime NULL, PRIMARY KEY (`tenant`, `id`), CONSTRAINT `assignments_work_order_id` FOREIGN KEY (`tenant`, `work_order_id`) REFERENCES `work_orders` (`tenant`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "assignment_tenant_work_order_id" to table: "assignments"
CREATE INDEX `assignment_tenant_work_order_id` ON `assignments` (`tenant`, `work_order_id`);
-- create index "assignment_tenant_unit_state" to table: "assignments"
CREATE INDEX `assignment_tenant_unit_state` ON `assignments` (`tenant`, `unit`, `state`);
-- create index "assignment_tenant_path" to table: "assignments"
CREATE INDEX `assignment_tenant_path` ON `assignments` (`tenant`, `path`);
-- create "callbacks" table
CREATE TABLE `callbacks` (`tenant` text NOT NULL, `id` uuid NOT NULL, `work_order_id` uuid NOT NULL, `round` integer NOT NULL, `attempt` integer NOT NULL, `reached` bool NOT NULL, `contacted` bool NOT NULL DEFAULT (false), `solved` bool NOT NULL DEFAULT (false), `result_grade` integer NOT NULL DEFAULT (0), `attitude_grade` integer NOT NULL DEFAULT (0), `words` blob NULL, `channel` text NOT NULL, `author` text NOT NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`tenant`, `id`), CONSTRAINT `callbacks_work_order_id` FOREIGN KEY (`tenant`, `work_order_id`) REFERENCES `work_orders` (`tenant`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "callback_tenant_work_order_id_round_attempt" to table: "callbacks"
CREATE UNIQUE INDEX `callback_tenant_work_order_id_round_attempt` ON `callbacks` (`tenant`, `work_order_id`, `round`, `attempt`);
-- create "catalogue_entries" table
CREATE TABLE `catalogue_entries` (`tenant` text NOT NULL, `id` uuid NOT NULL, `category` text NOT NULL, `district` text NOT NULL DEFAULT (''), `lead` text NOT NULL, `assist` json NULL, `ground` text NOT NULL, `not_to_street` bool NOT NULL DEFAULT (false), `keywords` json NULL, `retired` bool NOT NULL DEFAULT (false), PRIMARY KEY (`tenant`, `id`));
-- create index "catalogueentry_tenant_category_district_lead" to table: "catalogue_entries"
CREATE UNIQUE INDEX `catalogueentry_tenant_category_district_lead` ON `catalogue_entries` (`tenant`, `category`, `district`, `lead`);
-- create "categories" table
CREATE TABLE `categories` (`tenant` text NOT NULL, `id` uuid NOT NULL, `code` text NOT NULL, `title` text NOT NULL, `national_title` text NOT NULL DEFAULT (''), `definition` text NOT NULL DEFAULT (''), `distinguish` text NOT NULL DEFAULT (''), `typical` json NULL, `retired` bool NOT NULL DEFAULT (false), PRIMARY KEY (`tenant`, `id`));
-- create index "category_tenant_code" to table: "categories"
CREATE UNIQUE INDEX `category_tenant_code` ON `categories` (`tenant`, `code`);
-- create "cities" table
CREATE TABLE `cities` (`id` uuid NOT NULL, `code` text NOT NULL, `title` text NOT NULL, `region` text NOT NULL DEFAULT (''), `suite` text NOT NULL DEFAULT ('aes'), `shredded_at` datetime NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- create index "cities_code_key" to table: "cities"
CREATE UNIQUE INDEX `cities_code_key` ON `cities` (`code`);
-- create "clocks" table
CREATE TABLE `clocks` (`tenant` text NOT NULL, `id` uuid NOT NULL, `work_order_id` uuid NOT NULL, `step` text NOT NULL, `unit` text NOT NULL DEFAULT (''), `span` text NOT NULL, `policy` integer NOT NULL, `start_at` datetime NOT NULL, `due_at` datetime NOT NULL, `stop_at` datetime NULL, `overdue_at` datetime NULL, PRIMARY KEY (`tenant`, `id`), CONSTRAINT `clocks_work_order_id` FOREIGN KEY (`tenant`, `work_order_id`) REFERENCES `work_orders` (`tenant`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "clock_tenant_work_order_id" to table: "clocks"
CREATE INDEX `clock_tenant_work_order_id` ON `clocks` (`tenant`, `work_order_id`);
-- create index "clock_tenant_stop_at_overdue_at_due_at" to table: "clocks"
CREATE INDEX `clock_tenant_stop_at_overdue_at_due_at` ON `clocks` (`tenant`, `stop_at`, `overdue_at`, `due_at`);
-- create "data_keys" table
CREATE TABLE `data_keys` (`tenant` text NOT NULL, `id` uuid NOT NULL, `kind` text NOT NULL, `generation` integer NOT NULL, `suite` text NOT NULL, `master_id` text NOT NULL, `wrapped` blob NOT NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`tenant`, `id`));
-- create index "datakey_tenant_kind_generation" to table: "data_keys"
CREATE UNIQUE INDEX `datakey_tenant_kind_generation` ON `data_keys` (`tenant`, `kind`, `generation`);
-- create "events" table
CREATE TABLE `events` (`tenant` text NOT NULL, `id` uuid NOT NULL, `work_order_id` uuid NOT NULL, `seq` integer NOT NULL, `verb` text NOT NULL, `from_state` text NOT NULL, `to_state` text NOT NULL, `actor` text NOT NULL, `role` text NOT NULL, `unit` text NOT NULL, `summary` text NOT NULL, `note` blob NULL, `note_digest` blob NULL, `public` bool NOT NULL, `seal` blob NOT NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`tenant`, `id`));
-- create index "event_tenant_work_order_id_seq" to table: "events"
CREATE UNIQUE INDEX `event_tenant_work_order_id_seq` ON `events` (`tenant`, `work_order_id`, `seq`);
-- create "grants" table
CREATE TABLE `grants` (`id` uuid NOT NULL, `account_id` uuid NOT NULL, `city` text NOT NULL, `role` text NOT NULL, `unit` text NOT NULL DEFAULT (''), `created_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- create index "grant_account_id_city_role_unit" to table: "grants"
CREATE UNIQUE INDEX `grant_account_id_city_role_unit` ON `grants` (`account_id`, `city`, `role`, `unit`);
-- create index "grant_city" to table: "grants"
CREATE INDEX `grant_city` ON `grants` (`city`);
-- create "number_blocks" table
CREATE TABLE `number_blocks` (`tenant` text NOT NULL, `id` uuid NOT NULL, `day` text NOT NULL, `next` integer NOT NULL, PRIMARY KEY (`tenant`, `id`));
-- create index "numberblock_tenant_day" to table: "number_blocks"
CREATE UNIQUE INDEX `numberblock_tenant_day` ON `number_blocks` (`tenant`, `day`);
-- create "ratings" table
CREATE TABLE `ratings` (`tenant` text NOT NULL, `id` uuid NOT NULL, `work_order_id` uuid NOT NULL, `token` blob NOT NULL, `expires_at` datetime NOT NULL, `rated_at` datetime NULL, `result_grade` integer NOT NULL DEFAULT (0), `attitude_grade` integer NOT NULL DEFAULT (0), `words` blob NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`tenant`, `id`), CONSTRAINT `ratings_work_order_id` FOREIGN KEY (`tenant`, `work_order_id`) REFERENCES `work_orders` (`tenant`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "rating_tenant_token" to table: "ratings"
CREATE UNIQUE INDEX `rating_tenant_token` ON `ratings` (`tenant`, `token`);
-- create index "rating_tenant_work_order_id" to table: "ratings"
CREATE INDEX `rating_tenant_work_order_id` ON `ratings` (`tenant`, `work_order_id`);
-- create "readings" table
CREATE TABLE `readings` (`tenant` text NOT NULL, `id` uuid NOT NULL, `work_order_id` uuid NOT NULL, `seq` integer NOT NULL, `actor` text NOT NULL, `role` text NOT NULL, `unit` text NOT NULL, `fields` text NOT NULL, `situation` text NOT NULL, `reason` text NOT NULL, `until_at` datetime NULL, `seal` blob NOT NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`tenant`, `id`), CONSTRAINT `readings_work_order_id` FOREIGN KEY (`tenant`, `work_order_id`) REFERENCES `work_orders` (`tenant`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "reading_tenant_work_order_id_seq" to table: "readings"
CREATE UNIQUE INDEX `reading_tenant_work_order_id_seq` ON `readings` (`tenant`, `work_order_id`, `seq`);
-- create index "reading_tenant_actor_id" to table: "readings"
CREATE INDEX `reading_tenant_actor_id` ON `readings` (`tenant`, `actor`, `id`);
-- create "receipts" table
CREATE TABLE `receipts` (`tenant` text NOT NULL, `id` uuid NOT NULL, `actor` text NOT NULL, `request_id` text NOT NULL, `verb` text NOT NULL, `fingerprint` blob NOT NULL, `work_order_id` uuid NOT NULL, `code` blob NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`tenant`, `id`), CONSTRAINT `receipts_work_order_id` FOREIGN KEY (`tenant`, `work_order_id`) REFERENCES `work_orders` (`tenant`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "receipt_tenant_actor_request_id" to table: "receipts"
CREATE UNIQUE INDEX `receipt_tenant_actor_request_id` ON `receipts` (`tenant`, `actor`, `request_id`);
-- create "records" table
CREATE TABLE `records` (`tenant` text NOT NULL, `id` uuid NOT NULL, `seq` integer NOT NULL, `act` text NOT NULL, `actor` text NOT NULL, `summary` text NOT NULL, `seal` blob NOT NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`tenant`, `id`));
-- create index "record_tenant_seq" to table: "records"
CREATE UNIQUE INDEX `record_tenant_seq` ON `records` (`tenant`, `seq`);
-- create "replies" table
CREATE TABLE `replies` (`tenant` text NOT NULL, `id` uuid NOT NULL, `work_order_id` uuid NOT NULL, `assignment_id` uuid NOT NULL, `round` integer NOT NULL, `public_part` text NOT NULL, `internal_part` blob NULL, `conclusion` text NOT NULL, `measures` text NOT NULL DEFAULT (''), `ground` text NOT NULL DEFAULT (''), `author` text NOT NULL, `verdict` text NOT NULL DEFAULT (''), `remark` text NOT NULL DEFAULT (''), `created_at` datetime NOT NULL, PRIMARY KEY (`tenant`, `id`), CONSTRAINT `replies_work_order_id` FOREIGN KEY (`tenant`, `work_order_id`) REFERENCES `work_orders` (`tenant`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT `replies_assignment_id` FOREIGN KEY (`tenant`, `assignment_id`) REFERENCES `assignments` (`tenant`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "reply_tenant_assignment_id_round" to table: "replies"
CREATE UNIQUE INDEX `reply_tenant_assignment_id_round` ON `replies` (`tenant`, `assignment_id`, `round`);
-- create index "reply_tenant_work_order_id" to table: "replies"
CREATE INDEX `reply_tenant_work_order_id` ON `replies` (`tenant`, `work_order_id`);
-- create "rulebooks" table
CREATE TABLE `rulebooks` (`tenant` text NOT NULL, `id` uuid NOT NULL, `kind` text NOT NULL, `version` integer NOT NULL, `body` text NOT NULL, `author` text NOT NULL, `reason` text NOT NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`tenant`, `id`));
-- create index "rulebook_tenant_kind_version" to table: "rulebooks"
CREATE UNIQUE INDEX `rulebook_tenant_kind_version` ON `rulebooks` (`tenant`, `kind`, `version`);
-- create "sessions" table
CREATE TABLE `sessions` (`id` uuid NOT NULL, `account_id` uuid NOT NULL, `city` text NOT NULL, `refresh` blob NOT NULL, `turn` integer NOT NULL DEFAULT (0), `expires_at` datetime NOT NULL, `ended_at` datetime NULL, `ended_why` text NOT NULL DEFAULT (''), `created_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- create index "session_account_id_city" to table: "sessions"
CREATE INDEX `session_account_id_city` ON `sessions` (`account_id`, `city`);
-- create "signing_keys" table
CREATE TABLE `signing_keys` (`id` uuid NOT NULL, `kid` text NOT NULL, `public` blob NOT NULL, `sealed` blob NOT NULL, `signs_until` datetime NOT NULL, `verifies_until` datetime NOT NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- create index "signing_keys_kid_key" to table: "signing_keys"
CREATE UNIQUE INDEX `signing_keys_kid_key` ON `signing_keys` (`kid`);
-- create "throttles" table
CREATE TABLE `throttles` (`id` uuid NOT NULL, `key` blob NOT NULL, `failures` integer NOT NULL DEFAULT (0), `until` datetime NOT NULL, `updated_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- create index "throttles_key_key" to table: "throttles"
CREATE UNIQUE INDEX `throttles_key_key` ON `throttles` (`key`);
-- create "units" table
CREATE TABLE `units` (`tenant` text NOT NULL, `id` uuid NOT NULL, `code` text NOT NULL, `title` text NOT NULL, `parent` text NOT NULL DEFAULT (''), `path` text NOT NULL, `kind` text NOT NULL, `district` text NOT NULL DEFAULT (''), `retired` bool NOT NULL DEFAULT (false), PRIMARY KEY (`tenant`, `id`));
-- create index "unit_tenant_code" to table: "units"
CREATE UNIQUE INDEX `unit_tenant_code` ON `units` (`tenant`, `code`);
-- create "work_orders" table
CREATE TABLE `work_orders` (`tenant` text NOT NULL, `id` uuid NOT NULL, `number` text NOT NULL, `version` integer NOT NULL DEFAULT (1), `state` text NOT NULL, `disposition` text NOT NULL, `kind` text NOT NULL, `category` text NOT NULL, `urgency` text NOT NULL, `channel` text NOT NULL, `title` text NOT NULL, `district` text NOT NULL DEFAULT (''), `confidential` bool NOT NULL DEFAULT (false), `anonymous` bool NOT NULL DEFAULT (false), `law_enforcement` bool NOT NULL DEFAULT (false), `name` blob NULL, `phone` blob NULL, `id_number` blob NULL, `address` blob NULL, `email` blob NULL, `words` blob NULL, `body` blob NULL, `location` blob NULL, `evidence` blob NULL, `phone_index` blob NULL, `code` blob NULL, `reason` text NOT NULL DEFAULT (''), `told` text NOT NULL DEFAULT (''), `citation` text NOT NULL DEFAULT (''), `target_city` text NOT NULL DEFAULT (''), `repeat_of` text NOT NULL DEFAULT (''), `source_id` text NULL, `taken_by` text NOT NULL DEFAULT (''), `holder` text NOT NULL DEFAULT (''), `lead` text NOT NULL DEFAULT (''), `lead_path` text NOT NULL DEFAULT (''), `conclusion` text NOT NULL DEFAULT (''), `public_answer` text NOT NULL DEFAULT (''), `urges` integer NOT NULL DEFAULT (0), `reworks` integer NOT NULL DEFAULT (0), `supplements` integer NOT NULL DEFAULT (0), `overdue` bool NOT NULL DEFAULT (false), `events` integer NOT NULL DEFAULT (0), `event_head` blob NULL, `readings` integer NOT NULL DEFAULT (0), `reading_head` blob NULL, `received_at` datetime NOT NULL, `dispatched_at` datetime NULL, `concluded_at` datetime NULL, `closed_at` datetime NULL, `due_at` datetime NOT NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`tenant`, `id`));
-- create index "workorder_tenant_number" to table: "work_orders"
CREATE UNIQUE INDEX `workorder_tenant_number` ON `work_orders` (`tenant`, `number`);
-- create index "workorder_tenant_received_at_id" to table: "work_orders"
CREATE INDEX `workorder_tenant_received_at_id` ON `work_orders` (`tenant`, `received_at`, `id`);
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

-- +goose Down
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
-- reverse: create index "workorder_tenant_received_at_id" to table: "work_orders"
DROP INDEX `workorder_tenant_received_at_id`;
-- reverse: create index "workorder_tenant_number" to table: "work_orders"
DROP INDEX `workorder_tenant_number`;
-- reverse: create "work_orders" table
DROP TABLE `work_orders`;
-- reverse: create index "unit_tenant_code" to table: "units"
DROP INDEX `unit_tenant_code`;
-- reverse: create "units" table
DROP TABLE `units`;
-- reverse: create index "throttles_key_key" to table: "throttles"
DROP INDEX `throttles_key_key`;
-- reverse: create "throttles" table
DROP TABLE `throttles`;
-- reverse: create index "signing_keys_kid_key" to table: "signing_keys"
DROP INDEX `signing_keys_kid_key`;
-- reverse: create "signing_keys" table
DROP TABLE `signing_keys`;
-- reverse: create index "session_account_id_city" to table: "sessions"
DROP INDEX `session_account_id_city`;
-- reverse: create "sessions" table
DROP TABLE `sessions`;
-- reverse: create index "rulebook_tenant_kind_version" to table: "rulebooks"
DROP INDEX `rulebook_tenant_kind_version`;
-- reverse: create "rulebooks" table
DROP TABLE `rulebooks`;
-- reverse: create index "reply_tenant_work_order_id" to table: "replies"
DROP INDEX `reply_tenant_work_order_id`;
-- reverse: create index "reply_tenant_assignment_id_round" to table: "replies"
DROP INDEX `reply_tenant_assignment_id_round`;
-- reverse: create "replies" table
DROP TABLE `replies`;
-- reverse: create index "record_tenant_seq" to table: "records"
DROP INDEX `record_tenant_seq`;
-- reverse: create "records" table
DROP TABLE `records`;
-- reverse: create index "receipt_tenant_actor_request_id" to table: "receipts"
DROP INDEX `receipt_tenant_actor_request_id`;
-- reverse: create "receipts" table
DROP TABLE `receipts`;
-- reverse: create index "reading_tenant_actor_id" to table: "readings"
DROP INDEX `reading_tenant_actor_id`;
-- reverse: create index "reading_tenant_work_order_id_seq" to table: "readings"
DROP INDEX `reading_tenant_work_order_id_seq`;
-- reverse: create "readings" table
DROP TABLE `readings`;
-- reverse: create index "rating_tenant_work_order_id" to table: "ratings"
DROP INDEX `rating_tenant_work_order_id`;
-- reverse: create index "rating_tenant_token" to table: "ratings"
DROP INDEX `rating_tenant_token`;
-- reverse: create "ratings" table
DROP TABLE `ratings`;
-- reverse: create index "numberblock_tenant_day" to table: "number_blocks"
DROP INDEX `numberblock_tenant_day`;
-- reverse: create "number_blocks" table
DROP TABLE `number_blocks`;
-- reverse: create index "grant_city" to table: "grants"
DROP INDEX `grant_city`;
-- reverse: create index "grant_account_id_city_role_unit" to table: "grants"
DROP INDEX `grant_account_id_city_role_unit`;
-- reverse: create "grants" table
DROP TABLE `grants`;
-- reverse: create index "event_tenant_work_order_id_seq" to table: "events"
DROP INDEX `event_tenant_work_order_id_seq`;
-- reverse: create "events" table
DROP TABLE `events`;
-- reverse: create index "datakey_tenant_kind_generation" to table: "data_keys"
DROP INDEX `datakey_tenant_kind_generation`;
-- reverse: create "data_keys" table
DROP TABLE `data_keys`;
-- reverse: create index "clock_tenant_stop_at_overdue_at_due_at" to table: "clocks"
DROP INDEX `clock_tenant_stop_at_overdue_at_due_at`;
-- reverse: create index "clock_tenant_work_order_id" to table: "clocks"
DROP INDEX `clock_tenant_work_order_id`;
-- reverse: create "clocks" table
DROP TABLE `clocks`;
-- reverse: create index "cities_code_key" to table: "cities"
DROP INDEX `cities_code_key`;
-- reverse: create "cities" table
DROP TABLE `cities`;
-- reverse: create index "category_tenant_code" to table: "categories"
DROP INDEX `category_tenant_code`;
-- reverse: create "categories" table
DROP TABLE `categories`;
-- reverse: create index "catalogueentry_tenant_category_district_lead" to table: "catalogue_entries"
DROP INDEX `catalogueentry_tenant_category_district_lead`;
-- reverse: create "catalogue_entries" table
DROP TABLE `catalogue_entries`;
-- reverse: create index "callback_tenant_work_order_id_round_attempt" to table: "callbacks"
DROP INDEX `callback_tenant_work_order_id_round_attempt`;
-- reverse: create "callbacks" table
DROP TABLE `callbacks`;
-- reverse: create index "assignment_tenant_path" to table: "assignments"
DROP INDEX `assignment_tenant_path`;
-- reverse: create index "assignment_tenant_unit_state" to table: "assignments"
DROP INDEX `assignment_tenant_unit_state`;
-- reverse: create index "assignment_tenant_work_order_id" to table: "assignments"
DROP INDEX `assignment_tenant_work_order_id`;
-- reverse: create "assignments" table
DROP TABLE `assignments`;
-- reverse: create index "accounts_login_key" to table: "accounts"
DROP INDEX `accounts_login_key`;
-- reverse: create "accounts" table
DROP TABLE `accounts`;
