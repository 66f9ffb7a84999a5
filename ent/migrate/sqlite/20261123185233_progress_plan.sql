-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- create "new_list_progresses" table
CREATE TABLE `new_list_progresses` (`id` uuid NOT NULL, `city` text NOT NULL, `number` text NOT NULL, `title` text NOT NULL, `origin` text NOT NULL, `authority` text NOT NULL DEFAULT (''), `mode` text NOT NULL DEFAULT (''), `target` text NOT NULL DEFAULT (''), `prompt_until` datetime NULL, `steps` integer NOT NULL DEFAULT (0), `done` integer NOT NULL DEFAULT (0), `evidence` integer NOT NULL DEFAULT (0), `due_at` datetime NULL, `urges` integer NOT NULL DEFAULT (0), `plan` text NOT NULL DEFAULT ('[]'), `updated_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- copy rows from old table "list_progresses" to new temporary table "new_list_progresses"
INSERT INTO `new_list_progresses` (`id`, `city`, `number`, `title`, `origin`, `authority`, `mode`, `target`, `prompt_until`, `steps`, `done`, `evidence`, `due_at`, `urges`, `updated_at`) SELECT `id`, `city`, `number`, `title`, `origin`, `authority`, `mode`, `target`, `prompt_until`, `steps`, `done`, `evidence`, `due_at`, `urges`, `updated_at` FROM `list_progresses`;
-- drop "list_progresses" table after copying rows
DROP TABLE `list_progresses`;
-- rename temporary table "new_list_progresses" to "list_progresses"
ALTER TABLE `new_list_progresses` RENAME TO `list_progresses`;
-- create index "listprogress_city_number" to table: "list_progresses"
CREATE UNIQUE INDEX `listprogress_city_number` ON `list_progresses` (`city`, `number`);
-- create index "listprogress_authority_city" to table: "list_progresses"
CREATE INDEX `listprogress_authority_city` ON `list_progresses` (`authority`, `city`);
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;

-- +goose Down
-- reverse: create index "listprogress_authority_city" to table: "list_progresses"
DROP INDEX `listprogress_authority_city`;
-- reverse: create index "listprogress_city_number" to table: "list_progresses"
DROP INDEX `listprogress_city_number`;
-- reverse: create "new_list_progresses" table
DROP TABLE `new_list_progresses`;
