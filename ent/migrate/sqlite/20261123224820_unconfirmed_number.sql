-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- create "new_city_numbers" table
CREATE TABLE `new_city_numbers` (`tenant` text NOT NULL, `id` uuid NOT NULL, `number` text NOT NULL, `title` text NOT NULL, `origin` text NOT NULL, `purpose` text NOT NULL DEFAULT (''), `authority` text NOT NULL DEFAULT (''), `founded_on` text NOT NULL DEFAULT (''), `unconfirmed` text NOT NULL DEFAULT (''), `mode` text NOT NULL DEFAULT (''), `target` text NOT NULL DEFAULT (''), `unit` text NOT NULL DEFAULT (''), `seats` integer NOT NULL DEFAULT (0), `expert_seats` integer NOT NULL DEFAULT (0), `seats_stay` bool NOT NULL DEFAULT (false), `prompt` text NOT NULL DEFAULT (''), `prompt_until` datetime NULL, `line` text NOT NULL DEFAULT (''), `skill` text NOT NULL DEFAULT (''), `approvals` text NOT NULL DEFAULT ('[]'), `plan` text NOT NULL DEFAULT ('[]'), `levels` text NOT NULL DEFAULT ('[]'), `test` text NOT NULL DEFAULT (''), `cut_over_at` datetime NULL, `version` integer NOT NULL DEFAULT (1), `changes` integer NOT NULL DEFAULT (0), `change_head` blob NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`tenant`, `id`));
-- copy rows from old table "city_numbers" to new temporary table "new_city_numbers"
INSERT INTO `new_city_numbers` (`tenant`, `id`, `number`, `title`, `origin`, `purpose`, `authority`, `founded_on`, `mode`, `target`, `unit`, `seats`, `expert_seats`, `seats_stay`, `prompt`, `prompt_until`, `line`, `skill`, `approvals`, `plan`, `levels`, `test`, `cut_over_at`, `version`, `changes`, `change_head`, `created_at`) SELECT `tenant`, `id`, `number`, `title`, `origin`, `purpose`, `authority`, `founded_on`, `mode`, `target`, `unit`, `seats`, `expert_seats`, `seats_stay`, `prompt`, `prompt_until`, `line`, `skill`, `approvals`, `plan`, `levels`, `test`, `cut_over_at`, `version`, `changes`, `change_head`, `created_at` FROM `city_numbers`;
-- drop "city_numbers" table after copying rows
DROP TABLE `city_numbers`;
-- rename temporary table "new_city_numbers" to "city_numbers"
ALTER TABLE `new_city_numbers` RENAME TO `city_numbers`;
-- create index "citynumber_tenant_number" to table: "city_numbers"
CREATE UNIQUE INDEX `citynumber_tenant_number` ON `city_numbers` (`tenant`, `number`);
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;

-- +goose Down
-- reverse: create index "citynumber_tenant_number" to table: "city_numbers"
DROP INDEX `citynumber_tenant_number`;
-- reverse: create "new_city_numbers" table
DROP TABLE `new_city_numbers`;
