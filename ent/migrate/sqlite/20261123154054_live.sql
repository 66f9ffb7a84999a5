-- +goose Up
-- create "changes" table
CREATE TABLE `changes` (`tenant` text NOT NULL, `id` uuid NOT NULL, `place` integer NULL, `work_order_id` uuid NOT NULL, `number` text NOT NULL, `kind` text NOT NULL, `verb` text NOT NULL DEFAULT (''), `state` text NOT NULL DEFAULT (''), `version` integer NOT NULL DEFAULT (0), `seq` integer NOT NULL DEFAULT (0), `warning` integer NOT NULL DEFAULT (0), `due_at` datetime NOT NULL, `actor` text NOT NULL DEFAULT (''), `role` text NOT NULL DEFAULT (''), `unit` text NOT NULL DEFAULT (''), `created_at` datetime NOT NULL, PRIMARY KEY (`tenant`, `id`));
-- create index "change_tenant_place_id" to table: "changes"
CREATE INDEX `change_tenant_place_id` ON `changes` (`tenant`, `place`, `id`);
-- create "presences" table
CREATE TABLE `presences` (`tenant` text NOT NULL, `id` uuid NOT NULL, `work_order_id` uuid NOT NULL, `login` text NOT NULL, `role` text NOT NULL, `unit` text NOT NULL DEFAULT (''), `until_at` datetime NOT NULL, PRIMARY KEY (`tenant`, `id`), CONSTRAINT `presences_work_order_id` FOREIGN KEY (`tenant`, `work_order_id`) REFERENCES `work_orders` (`tenant`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "presence_tenant_work_order_id_id" to table: "presences"
CREATE INDEX `presence_tenant_work_order_id_id` ON `presences` (`tenant`, `work_order_id`, `id`);

-- +goose Down
-- reverse: create index "presence_tenant_work_order_id_id" to table: "presences"
DROP INDEX `presence_tenant_work_order_id_id`;
-- reverse: create "presences" table
DROP TABLE `presences`;
-- reverse: create index "change_tenant_place_id" to table: "changes"
DROP INDEX `change_tenant_place_id`;
-- reverse: create "changes" table
DROP TABLE `changes`;
