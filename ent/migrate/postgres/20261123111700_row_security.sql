-- Written by hand: ent knows nothing of roles and policies.
--
-- The server works as the role hotline_app, which owns nothing, so that row-level security holds for it whoever it signs
-- in as. Roles belong to the whole server, so another database may have made it before us.

-- +goose Up
-- +goose StatementBegin
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'hotline_app') THEN
    BEGIN
      CREATE ROLE hotline_app NOLOGIN NOSUPERUSER NOBYPASSRLS;
    EXCEPTION
      WHEN duplicate_object OR unique_violation THEN NULL; -- another database was quicker
      WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'the role hotline_app is missing and % may not create it', current_user
          USING HINT = format('let an administrator run: CREATE ROLE hotline_app NOLOGIN; GRANT hotline_app TO %I;', current_user);
    END;
  END IF;
  BEGIN
    EXECUTE format('GRANT hotline_app TO %I', current_user);
  EXCEPTION
    WHEN unique_violation OR SQLSTATE 'XX000' THEN NULL; -- granted by another database at the same moment
    WHEN insufficient_privilege THEN
      IF NOT pg_has_role(current_user, 'hotline_app', 'MEMBER') THEN
        RAISE EXCEPTION '% is no member of the role hotline_app and may not become one', current_user
          USING HINT = format('let an administrator run: GRANT hotline_app TO %I;', current_user);
      END IF;
  END;
END
$$;
-- +goose StatementEnd
-- hotline_protect gives the runtime role its rights and every table of a city its policy. It changes only what is missing,
-- and runs after each migration: a table is out of the role's reach until it is protected, and none can be forgotten.
-- +goose StatementBegin
CREATE FUNCTION hotline_protect() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  t record;
BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO hotline_app', current_schema());
  FOR t IN
    SELECT c.oid::regclass AS name, c.relname, c.relrowsecurity AND c.relforcerowsecurity AS forced,
      EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'tenant' AND NOT attisdropped) AS city,
      EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid AND polname = 'city') AS policy
    FROM pg_class c
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
  LOOP
    IF t.city AND NOT t.policy THEN
      EXECUTE format('CREATE POLICY city ON %s USING (tenant = nullif(current_setting(''app.tenant'', true), ''''))'
        ' WITH CHECK (tenant = nullif(current_setting(''app.tenant'', true), ''''))', t.name);
    END IF;
    IF t.city AND NOT t.forced THEN
      EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', t.name);
    END IF;
    IF t.relname IN ('goose_db_version', 'river_migration') THEN
      EXECUTE format('GRANT SELECT ON %s TO hotline_app', t.name);
    ELSE
      EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO hotline_app', t.name);
    END IF;
  END LOOP;
  EXECUTE format('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA %I TO hotline_app', current_schema());
END
$$;
-- +goose StatementEnd

-- +goose Down
DROP FUNCTION hotline_protect();
