package migrate

import "embed"

// SQLite and Postgres are the versioned migrations of each database, in goose's format under the folder of that name,
// with atlas.sum beside them. ent/store/diff writes them, ent/store applies them.
var (
	//go:embed sqlite
	SQLite embed.FS
	//go:embed postgres
	Postgres embed.FS
)
