-- +goose Up
-- drop index "rating_tenant_work_order_id" from table: "ratings"
DROP INDEX `rating_tenant_work_order_id`;
-- create index "rating_tenant_work_order_id_id" to table: "ratings"
CREATE INDEX `rating_tenant_work_order_id_id` ON `ratings` (`tenant`, `work_order_id`, `id`);
-- drop index "reply_tenant_work_order_id" from table: "replies"
DROP INDEX `reply_tenant_work_order_id`;
-- create index "reply_tenant_work_order_id_id" to table: "replies"
CREATE INDEX `reply_tenant_work_order_id_id` ON `replies` (`tenant`, `work_order_id`, `id`);
-- drop index "assignment_tenant_work_order_id" from table: "assignments"
DROP INDEX `assignment_tenant_work_order_id`;
-- create index "assignment_tenant_work_order_id_id" to table: "assignments"
CREATE INDEX `assignment_tenant_work_order_id_id` ON `assignments` (`tenant`, `work_order_id`, `id`);
-- drop index "clock_tenant_work_order_id" from table: "clocks"
DROP INDEX `clock_tenant_work_order_id`;
-- create index "clock_tenant_work_order_id_id" to table: "clocks"
CREATE INDEX `clock_tenant_work_order_id_id` ON `clocks` (`tenant`, `work_order_id`, `id`);
-- drop index "workorder_tenant_main_id" from table: "work_orders"
DROP INDEX `workorder_tenant_main_id`;
-- create index "workorder_tenant_main_id_id" to table: "work_orders"
CREATE INDEX `workorder_tenant_main_id_id` ON `work_orders` (`tenant`, `main_id`, `id`);
-- drop index "application_tenant_work_order_id" from table: "applications"
DROP INDEX `application_tenant_work_order_id`;
-- create index "application_tenant_work_order_id_id" to table: "applications"
CREATE INDEX `application_tenant_work_order_id_id` ON `applications` (`tenant`, `work_order_id`, `id`);
-- drop index "clockmove_tenant_work_order_id" from table: "clock_moves"
DROP INDEX `clockmove_tenant_work_order_id`;
-- create index "clockmove_tenant_work_order_id_id" to table: "clock_moves"
CREATE INDEX `clockmove_tenant_work_order_id_id` ON `clock_moves` (`tenant`, `work_order_id`, `id`);
-- drop index "handoff_tenant_work_order_id" from table: "hand_offs"
DROP INDEX `handoff_tenant_work_order_id`;
-- create index "handoff_tenant_work_order_id_id" to table: "hand_offs"
CREATE INDEX `handoff_tenant_work_order_id_id` ON `hand_offs` (`tenant`, `work_order_id`, `id`);

-- +goose Down
-- reverse: create index "handoff_tenant_work_order_id_id" to table: "hand_offs"
DROP INDEX `handoff_tenant_work_order_id_id`;
-- reverse: drop index "handoff_tenant_work_order_id" from table: "hand_offs"
CREATE INDEX `handoff_tenant_work_order_id` ON `hand_offs` (`tenant`, `work_order_id`);
-- reverse: create index "clockmove_tenant_work_order_id_id" to table: "clock_moves"
DROP INDEX `clockmove_tenant_work_order_id_id`;
-- reverse: drop index "clockmove_tenant_work_order_id" from table: "clock_moves"
CREATE INDEX `clockmove_tenant_work_order_id` ON `clock_moves` (`tenant`, `work_order_id`);
-- reverse: create index "application_tenant_work_order_id_id" to table: "applications"
DROP INDEX `application_tenant_work_order_id_id`;
-- reverse: drop index "application_tenant_work_order_id" from table: "applications"
CREATE INDEX `application_tenant_work_order_id` ON `applications` (`tenant`, `work_order_id`);
-- reverse: create index "workorder_tenant_main_id_id" to table: "work_orders"
DROP INDEX `workorder_tenant_main_id_id`;
-- reverse: drop index "workorder_tenant_main_id" from table: "work_orders"
CREATE INDEX `workorder_tenant_main_id` ON `work_orders` (`tenant`, `main_id`);
-- reverse: create index "clock_tenant_work_order_id_id" to table: "clocks"
DROP INDEX `clock_tenant_work_order_id_id`;
-- reverse: drop index "clock_tenant_work_order_id" from table: "clocks"
CREATE INDEX `clock_tenant_work_order_id` ON `clocks` (`tenant`, `work_order_id`);
-- reverse: create index "assignment_tenant_work_order_id_id" to table: "assignments"
DROP INDEX `assignment_tenant_work_order_id_id`;
-- reverse: drop index "assignment_tenant_work_order_id" from table: "assignments"
CREATE INDEX `assignment_tenant_work_order_id` ON `assignments` (`tenant`, `work_order_id`);
-- reverse: create index "reply_tenant_work_order_id_id" to table: "replies"
DROP INDEX `reply_tenant_work_order_id_id`;
-- reverse: drop index "reply_tenant_work_order_id" from table: "replies"
CREATE INDEX `reply_tenant_work_order_id` ON `replies` (`tenant`, `work_order_id`);
-- reverse: create index "rating_tenant_work_order_id_id" to table: "ratings"
DROP INDEX `rating_tenant_work_order_id_id`;
-- reverse: drop index "rating_tenant_work_order_id" from table: "ratings"
CREATE INDEX `rating_tenant_work_order_id` ON `ratings` (`tenant`, `work_order_id`);
