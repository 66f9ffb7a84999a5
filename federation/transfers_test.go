package federation_test

import (
	"testing"

	"hotline/federation/federationtest"
)

// whole starts three voters and one follower of a region between which transfers go on.
func whole(t testing.TB) (*federationtest.Cluster, *federationtest.Transfers) {
	t.Helper()
	c := federationtest.Region(t, jingJinJi(t), 3, 1, group)
	return c, c.StartTransfers(group, 7, 8)
}

func TestTransfersHaveOneCustodianWhenTheLeaderIsKilled(t *testing.T) {
	c, load := whole(t)
	load.More(200)
	leader := c.Leader(group)
	c.Kill(leader)
	load.More(200)
	c.Start(leader)
	load.More(100)
	t.Logf("%+v", load.Check())
}
