-- +goose Up
-- modify "list_progresses" table
ALTER TABLE "list_progresses" ADD COLUMN "plan" text NOT NULL DEFAULT '[]';

-- +goose Down
-- reverse: modify "list_progresses" table
ALTER TABLE "list_progresses" DROP COLUMN "plan";
