-- +goose Up
-- create index "callback_tenant_created_at" to table: "callbacks"
CREATE INDEX `callback_tenant_created_at` ON `callbacks` (`tenant`, `created_at`);
-- create index "workorder_tenant_dispatched_at" to table: "work_orders"
CREATE INDEX `workorder_tenant_dispatched_at` ON `work_orders` (`tenant`, `dispatched_at`);
-- create index "workorder_tenant_concluded_at" to table: "work_orders"
CREATE INDEX `workorder_tenant_concluded_at` ON `work_orders` (`tenant`, `concluded_at`);
-- create index "clock_tenant_step_due_at" to table: "clocks"
CREATE INDEX `clock_tenant_step_due_at` ON `clocks` (`tenant`, `step`, `due_at`);
-- create index "clock_tenant_overdue_at" to table: "clocks"
CREATE INDEX `clock_tenant_overdue_at` ON `clocks` (`tenant`, `overdue_at`);

-- +goose Down
-- reverse: create index "clock_tenant_overdue_at" to table: "clocks"
DROP INDEX `clock_tenant_overdue_at`;
-- reverse: create index "clock_tenant_step_due_at" to table: "clocks"
DROP INDEX `clock_tenant_step_due_at`;
-- reverse: create index "workorder_tenant_concluded_at" to table: "work_orders"
DROP INDEX `workorder_tenant_concluded_at`;
-- reverse: create index "workorder_tenant_dispatched_at" to table: "work_orders"
DROP INDEX `workorder_tenant_dispatched_at`;
-- reverse: create index "callback_tenant_created_at" to table: "callbacks"
DROP INDEX `callback_tenant_created_at`;
