package federation

import (
	"fmt"

	"github.com/hashicorp/raft"
)

// disk is the log of a group, which stops the node when it can't be written: what is half-written could be read as another thing
// later, and the library goes on as if nothing had happened. Started again, the node reads what is really there.
type disk struct {
	raft.LogStore
	stable raft.StableStore
	group  *group
}

func (d *disk) failed(err error) error {
	if err != nil {
		d.group.node.stop(fmt.Errorf("group %s: the folder %s can't be written (%w): free space or replace the disk, then start the node again", d.group.conf.Name, d.group.folder, err))
	}
	return err
}

// IsMonotonic says that entries come without gaps, as the log below wants it.
func (d *disk) IsMonotonic() bool { return true }

// StoreLog and what follows are raft's.
func (d *disk) StoreLog(l *raft.Log) error    { return d.failed(d.LogStore.StoreLog(l)) }
func (d *disk) StoreLogs(l []*raft.Log) error { return d.failed(d.LogStore.StoreLogs(l)) }
func (d *disk) DeleteRange(first, last uint64) error {
	return d.failed(d.LogStore.DeleteRange(first, last))
}
func (d *disk) Set(key, value []byte) error          { return d.failed(d.stable.Set(key, value)) }
func (d *disk) Get(key []byte) ([]byte, error)       { return d.stable.Get(key) }
func (d *disk) GetUint64(key []byte) (uint64, error) { return d.stable.GetUint64(key) }

// SetUint64 keeps the term, without which raft panics, and the process has other things to do. So the lines are cut before it
// goes on: nobody hears what this node says in a term that it would not remember.
func (d *disk) SetUint64(key []byte, value uint64) error {
	if d.failed(d.stable.SetUint64(key, value)) != nil {
		d.group.node.mux.cut()
		d.group.transport.CloseStreams()
	}
	return nil
}
