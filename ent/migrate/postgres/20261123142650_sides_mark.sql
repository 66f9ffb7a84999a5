-- +goose Up
-- modify "work_orders" table
ALTER TABLE "work_orders" ADD COLUMN "sides" boolean NOT NULL DEFAULT false;

-- +goose Down
-- reverse: modify "work_orders" table
ALTER TABLE "work_orders" DROP COLUMN "sides";
