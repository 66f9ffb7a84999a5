-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- create "new_clocks" table
CREATE TABLE `new_clocks` (`tenant` text NOT NULL, `id` uuid NOT NULL, `work_order_id` uuid NOT NULL, `step` text NOT NULL, `unit` text NOT NULL DEFAULT (''), `span` text NOT NULL, `policy` integer NOT NULL, `start_at` datetime NOT NULL, `due_at` datetime NOT NULL, `stop_at` datetime NULL, `overdue_at` datetime NULL, `application_id` uuid NULL, `warned` integer NOT NULL DEFAULT (0), `warn_at` datetime NULL, `fires` bool NOT NULL DEFAULT (false), `fired_at` datetime NULL, `paused_at` datetime NULL, `remaining` text NOT NULL DEFAULT (''), `held` integer NOT NULL DEFAULT (0), PRIMARY KEY (`tenant`, `id`), CONSTRAINT `clocks_work_order_id` FOREIGN KEY (`tenant`, `work_order_id`) REFERENCES `work_orders` (`tenant`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION);
-- copy rows from old table "clocks" to new temporary table "new_clocks"
INSERT INTO `new_clocks` (`tenant`, `id`, `work_order_id`, `step`, `unit`, `span`, `policy`, `start_at`, `due_at`, `stop_at`, `overdue_at`, `application_id`, `warned`, `warn_at`, `fires`, `fired_at`, `paused_at`, `remaining`) SELECT `tenant`, `id`, `work_order_id`, `step`, `unit`, `span`, `policy`, `start_at`, `due_at`, `stop_at`, `overdue_at`, `application_id`, `warned`, `warn_at`, `fires`, `fired_at`, `paused_at`, `remaining` FROM `clocks`;
-- drop "clocks" table after copying rows
DROP TABLE `clocks`;
-- rename temporary table "new_clocks" to "clocks"
ALTER TABLE `new_clocks` RENAME TO `clocks`;
-- create index "clock_tenant_work_order_id_id" to table: "clocks"
CREATE INDEX `clock_tenant_work_order_id_id` ON `clocks` (`tenant`, `work_order_id`, `id`);
-- create index "clock_tenant_stop_at_overdue_at_due_at" to table: "clocks"
CREATE INDEX `clock_tenant_stop_at_overdue_at_due_at` ON `clocks` (`tenant`, `stop_at`, `overdue_at`, `due_at`);
-- create index "clock_tenant_stop_at_warn_at" to table: "clocks"
CREATE INDEX `clock_tenant_stop_at_warn_at` ON `clocks` (`tenant`, `stop_at`, `warn_at`);
-- create index "clock_tenant_fires_stop_at_fired_at_due_at" to table: "clocks"
CREATE INDEX `clock_tenant_fires_stop_at_fired_at_due_at` ON `clocks` (`tenant`, `fires`, `stop_at`, `fired_at`, `due_at`);
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;

-- +goose Down
-- reverse: create index "clock_tenant_fires_stop_at_fired_at_due_at" to table: "clocks"
DROP INDEX `clock_tenant_fires_stop_at_fired_at_due_at`;
-- reverse: create index "clock_tenant_stop_at_warn_at" to table: "clocks"
DROP INDEX `clock_tenant_stop_at_warn_at`;
-- reverse: create index "clock_tenant_stop_at_overdue_at_due_at" to table: "clocks"
DROP INDEX `clock_tenant_stop_at_overdue_at_due_at`;
-- reverse: create index "clock_tenant_work_order_id_id" to table: "clocks"
DROP INDEX `clock_tenant_work_order_id_id`;
-- reverse: create "new_clocks" table
DROP TABLE `new_clocks`;
