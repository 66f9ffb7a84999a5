-- +goose Up
-- modify "transfers" table
ALTER TABLE "transfers" ADD COLUMN "overruled" boolean NOT NULL DEFAULT false, ADD COLUMN "objected" boolean NOT NULL DEFAULT false, ADD COLUMN "callback_due_at" timestamptz NULL, ADD COLUMN "callback_urged_at" timestamptz NULL;

-- +goose Down
-- reverse: modify "transfers" table
ALTER TABLE "transfers" DROP COLUMN "callback_urged_at", DROP COLUMN "callback_due_at", DROP COLUMN "objected", DROP COLUMN "overruled";
