// Package housetest opens the real house on a real database for a test, with the demo nation in it, behind a real HTTP server.
package housetest

import (
	"context"
	"io"
	"log/slog"
	"net/http/httptest"
	"sync"
	"testing"

	"hotline/app/house"
	"hotline/app/nation"
	"hotline/app/play"
	"hotline/ent/store/storetest"
	"hotline/tenants/identity"
	"hotline/tenants/privacy"
)

// Password is of every account of the nation.
const Password = "housetest-password"

var hash = sync.OnceValue(func() string { return identity.HashPassword(Password) })

// Town is an open house with the demo nation in it.
type Town struct {
	*house.House
	Stage  *play.Stage
	Server *httptest.Server
	URL    string // of the database
	Master *privacy.Master
	Blobs  string // where attachments lie
}

// Each runs the test on SQLite and on PostgreSQL, each with a nation of its own.
func Each(t *testing.T, test func(t *testing.T, town *Town)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) { t.Parallel(); test(t, Open(t, storetest.SQLiteURL(t), io.Discard)) })
	t.Run("PostgreSQL", func(t *testing.T) { t.Parallel(); test(t, Open(t, storetest.PostgresURL(t), io.Discard)) })
}

// OpenBare is Open for a deployment that has no national list yet: it takes one in, or founds the office itself.
func OpenBare(t testing.TB, url string, w io.Writer) *Town {
	t.Helper()
	master, _ := privacy.NewMaster()
	return build(t, url, master, "file://"+t.TempDir(), w, nil)
}

// Open builds the house on the migrated database of the address; its log goes to w.
func Open(t testing.TB, url string, w io.Writer) *Town {
	t.Helper()
	master, _ := privacy.NewMaster()
	return Reopen(t, url, master, "file://"+t.TempDir(), w)
}

// OpenCities is Open for a deployment of some cities alone.
func OpenCities(t testing.TB, url string, w io.Writer, codes ...string) *Town {
	t.Helper()
	master, _ := privacy.NewMaster()
	return build(t, url, master, "file://"+t.TempDir(), w, codes)
}

// Reopen builds the house on a database that was used before, with its master key and its attachments.
func Reopen(t testing.TB, url string, master *privacy.Master, blobs string, w io.Writer) *Town {
	t.Helper()
	town := build(t, url, master, blobs, w, nil)
	if err := town.Consolidation.FoundOffice(context.Background(), "sm"); err != nil {
		t.Fatal(err)
	}
	return town
}

func build(t testing.TB, url string, master *privacy.Master, blobs string, w io.Writer, only []string) *Town {
	t.Helper()
	ctx := context.Background()
	h, err := house.Open(ctx, house.Config{URL: url, Master: master, Log: slog.New(slog.NewTextHandler(w, nil)), Unlimited: true,
		Blobs: blobs})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	err = nation.Build(ctx, nation.Deps{Store: h.Store, Vault: h.Vault, Book: h.Book, Directory: h.Directory,
		Hash: func(string) string { return hash() }, Password: Password, Only: only})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h.Gate.Handler())
	t.Cleanup(srv.Close)
	return &Town{House: h, Server: srv, URL: url, Master: master, Blobs: blobs,
		Stage: &play.Stage{Base: srv.URL, Client: srv.Client(), Password: Password}}
}
