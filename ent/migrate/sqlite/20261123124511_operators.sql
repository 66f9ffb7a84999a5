-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- create "new_accounts" table
CREATE TABLE `new_accounts` (`id` uuid NOT NULL, `login` text NOT NULL, `display_name` text NOT NULL, `password` text NOT NULL, `disabled` bool NOT NULL DEFAULT (false), `must_change` bool NOT NULL DEFAULT (false), `created_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- copy rows from old table "accounts" to new temporary table "new_accounts"
INSERT INTO `new_accounts` (`id`, `login`, `display_name`, `password`, `disabled`, `created_at`) SELECT `id`, `login`, `display_name`, `password`, `disabled`, `created_at` FROM `accounts`;
-- drop "accounts" table after copying rows
DROP TABLE `accounts`;
-- rename temporary table "new_accounts" to "accounts"
ALTER TABLE `new_accounts` RENAME TO `accounts`;
-- create index "accounts_login_key" to table: "accounts"
CREATE UNIQUE INDEX `accounts_login_key` ON `accounts` (`login`);
-- create "holiday_years" table
CREATE TABLE `holiday_years` (`id` uuid NOT NULL, `year` integer NOT NULL, `source` text NOT NULL, `days` text NOT NULL, `created_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- create index "holiday_years_year_key" to table: "holiday_years"
CREATE UNIQUE INDEX `holiday_years_year_key` ON `holiday_years` (`year`);
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;

-- +goose Down
-- reverse: create index "holiday_years_year_key" to table: "holiday_years"
DROP INDEX `holiday_years_year_key`;
-- reverse: create "holiday_years" table
DROP TABLE `holiday_years`;
-- reverse: create index "accounts_login_key" to table: "accounts"
DROP INDEX `accounts_login_key`;
-- reverse: create "new_accounts" table
DROP TABLE `new_accounts`;
