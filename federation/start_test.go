package federation_test

import (
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotline/federation"
	"hotline/federation/federationtest"
)

func TestABadConfigurationIsRefusedAtStartWithWhatToFix(t *testing.T) {
	t.Parallel()
	c := federationtest.Open(t, 3, 0, group)
	other := federationtest.NewAuthority(t)
	used := filepath.Join(t.TempDir(), "used")
	if err := os.MkdirAll(used, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(used, "node"), []byte("harbin"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(used, "node")
	voters := c.Voters
	tests := []struct {
		name   string
		change func(f *federation.Config)
		want   string
	}{
		{"a certificate of another CA", func(f *federation.Config) { f.Certificate, f.Key = other.Issue("new") }, "was not issued by the CA"},
		{"another network's CA and certificate", func(f *federation.Config) {
			f.CA = other.CA
			f.Certificate, f.Key = other.Issue("new")
		}, "certificates of the same CA"},
		{"a list of revoked certificates that is none", func(f *federation.Config) { f.Revoked = file }, "is no list of revoked certificates"},
		{"a list of revoked certificates of another CA", func(f *federation.Config) { f.Revoked = other.Revoke(f.Certificate) }, "is no list of revoked certificates"},
		{"a certificate that was revoked", func(f *federation.Config) { f.Revoked = c.Authority.Revoke(f.Certificate) }, "was revoked"},
		{"a CA file that is none", func(f *federation.Config) { f.CA = file }, "holds no certificate"},
		{"no CA file", func(f *federation.Config) { f.CA += ".missing" }, "can't be read"},
		{"a key of another certificate", func(f *federation.Config) { _, f.Key = other.Issue("new") }, "can't be used"},
		{"a certificate without the node's name", func(f *federation.Config) { f.Certificate, f.Key = c.Authority.Issue("tianjin") }, `names "tianjin", not this node "new"`},
		{"an expired certificate", func(f *federation.Config) {
			f.Certificate, f.Key = c.Authority.Issue("new", func(x *x509.Certificate) { x.NotAfter = time.Now().Add(-time.Minute) })
		}, "renew it or set the clock"},
		{"a certificate for servers only", func(f *federation.Config) {
			f.Certificate, f.Key = c.Authority.Issue("new", func(x *x509.Certificate) { x.ExtKeyUsage = x.ExtKeyUsage[:1] })
		}, "both server and client"},
		{"a name that a member has", func(f *federation.Config) {
			f.Name = "v1"
			f.Certificate, f.Key = c.Authority.Issue("v1")
			f.Groups[0].Voters = voters[1:]
		}, "there is a node called v1"},
		{"a name twice in the list", func(f *federation.Config) {
			f.Groups[0].Voters = []federation.Peer{voters[0], {Name: "v1", Address: "127.0.0.1:1"}}
		}, `two voters of group "jingjinji" are called "v1"`},
		{"an address twice in the list", func(f *federation.Config) {
			f.Groups[0].Voters = []federation.Peer{voters[0], {Name: "v9", Address: voters[0].Address}}
		}, "have the address"},
		{"its own name at another address", func(f *federation.Config) {
			f.Groups[0].Voters = []federation.Peer{{Name: "new", Address: "127.0.0.1:1"}}
		}, "make them the same"},
		{"names and addresses confused", func(f *federation.Config) {
			f.Groups[0].Voters = []federation.Peer{{Name: "v1", Address: voters[1].Address}, {Name: "v2", Address: voters[0].Address}}
		}, "correct the address or the name"},
		{"a group that nobody knows", func(f *federation.Config) { f.Groups[0].Name = "jingjinjii" }, `no member of a group called "jingjinjii"`},
		{"a group without voters", func(f *federation.Config) { f.Groups[0].Voters = nil }, "lists no voters"},
		{"a group twice", func(f *federation.Config) { f.Groups = append(f.Groups, f.Groups[0]) }, "is named twice"},
		{"no group", func(f *federation.Config) { f.Groups = nil }, "member of no group"},
		{"a name with capitals", func(f *federation.Config) { f.Name = "New" }, "small letters"},
		{"an address for nobody", func(f *federation.Config) { f.Address = "0.0.0.0:7000" }, "as the other nodes reach"},
		{"a folder that can't be written", func(f *federation.Config) { f.Folder = filepath.Join(file, "x") }, "make it writable"},
		{"the folder of a running node", func(f *federation.Config) { f.Folder = c.Config("v1").Folder }, "in use by another process"},
		{"the folder of another node", func(f *federation.Config) { f.Folder = used }, `belongs to node "harbin"`},
		{"a port that is taken", func(f *federation.Config) { f.Listen = voters[0].Address; f.Address = "127.0.0.1:1" }, "free the port"},
		{"a clock fifty minutes late", func(f *federation.Config) {
			f.Now = func() time.Time { return time.Now().Add(-50 * time.Minute) }
		}, "clock is more than 5m0s off"},
		{"an election shorter than a heartbeat", func(f *federation.Config) { f.Timing.Election = time.Millisecond }, "must not be shorter"},
	}
	c.Add("new")
	good := *c.Config("new")
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := good
			f.Folder = filepath.Join(t.TempDir(), "new")
			f.Groups = append([]federation.Group(nil), good.Groups...)
			test.change(&f)
			*c.Config("new") = f
			err := c.TryStart(within(t, 10*time.Second), "new")
			c.Kill("new")
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v", err)
			}
			c.Authority.Issue("new") // a test may have written over it
		})
	}
	*c.Config("new") = good
	c.Start("new")
}

func TestANodeThatNobodyLetsInSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	c := federationtest.Open(t, 3, 0, group)
	c.Kill("v2")
	c.Kill("v3")
	c.Add("f1")
	err := c.TryStart(within(t, 2*time.Second), "f1")
	if err == nil || !strings.Contains(err.Error(), "more than half of the voters must run") {
		t.Errorf("%v", err)
	}
	c.Until("v1 leads nobody", func() bool { _, led := c.Node("v1").Leader(group); return !led })
	if _, err := c.Node("v1").Propose(within(t, time.Second), group, []byte("x\ny\n")); err == nil || !strings.Contains(err.Error(), "was not proposed") {
		t.Errorf("%v", err)
	}
	c.Start("v2") // now the founders have a majority
	if err := c.TryStart(within(t, 20*time.Second), "f1"); err != nil {
		t.Error(err)
	}
}

func TestAFounderWithAnEmptyFolderFoundsOnlyWhenAllHaveAnswered(t *testing.T) {
	t.Parallel()
	c := federationtest.Prepare(t, 3, group)
	if err := c.TryStart(within(t, time.Second), "v1"); err == nil || !strings.Contains(err.Error(), "a group is founded when all its founders run") {
		t.Errorf("it founded alone: %v", err)
	}
	c.Found()
	load := c.StartLoad(group, c.Names()...)
	load.More(20)
	load.Check()
	for _, name := range except(c.Names(), "v1") {
		c.Until(name+" knows that v1 keeps the log", func() bool { return c.Begun(name, group, "v1") })
	}
	want := c.Tally("v2", group).Order()
	// All are down, and one loses its disk: it can't found the group again, whoever comes back first.
	for _, name := range c.Names() {
		c.Kill(name)
	}
	c.Config("v1").Folder = t.TempDir()
	if err := c.TryStart(within(t, time.Second), "v1"); err == nil || !strings.Contains(err.Error(), "a group is founded when all its founders run") {
		t.Errorf("it founded again: %v", err)
	}
	c.Start("v2")
	if err := c.TryStart(within(t, 10*time.Second), "v1"); err == nil || !strings.Contains(err.Error(), "whose log was lost") {
		t.Errorf("it came back with an empty disk: %v", err)
	}
	c.Start("v3")
	c.Until("the others have what they had", func() bool { return c.Tally("v2", group).Order() == want && c.Tally("v3", group).Order() == want })
}

func TestANodeThatIsRefusedEndsThoughTheOthersCallIt(t *testing.T) {
	t.Parallel()
	c := federationtest.Open(t, 3, 0, group)
	name := follower(c)
	c.Kill(name)
	c.Skew(name, time.Hour)
	if err := c.TryStart(within(t, 10*time.Second), name); err == nil || !strings.Contains(err.Error(), "clock is more than 5m0s off") {
		t.Error(err)
	}
	c.Kill(name)
	c.Skew(name, 0)
	c.Start(name)
}

func TestAClockThatGoesWrongDoesNotLead(t *testing.T) {
	t.Parallel()
	c := federationtest.Open(t, 3, 0, group)
	wrong := c.Leader(group)
	c.Skew(wrong, 72*time.Hour)
	c.Until("another leads", func() bool { return c.Leader(group) != wrong })
}
