// Package vault keeps the cities' keys (密钥库): made with the city, wrapped by the master key, read by every replica, and
// gone for good when the city is shredded. See DESIGN.md.
package vault

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/go-kratos/kratos/v2/errors"

	"hotline/ent"
	"hotline/ent/city"
	"hotline/ent/datakey"
	"hotline/ent/store"
	"hotline/tenants"
	"hotline/tenants/privacy"
	"hotline/tenants/vault/lately"
)

// Vault gives each city its keyring.
type Vault struct {
	db   *store.Store
	kept *lately.Kept[*privacy.Keyring]

	mu      sync.Mutex
	masters map[string]*privacy.Master // by ID: while the master is being changed, cities lie under two
	current *privacy.Master
}

// New opens the vault with the master key; older masters are needed until Rewrap has been through all cities.
func New(db *store.Store, m *privacy.Master, older ...*privacy.Master) *Vault {
	v := &Vault{db: db, current: m, masters: map[string]*privacy.Master{m.ID(): m}}
	for _, o := range older {
		v.masters[o.ID()] = o
	}
	v.kept = lately.Keep(db, v.mark, v.open)
	return v
}

// Keyring is the keyring of the viewer's city. A shredded city has none.
func (v *Vault) Keyring(ctx context.Context) (*privacy.Keyring, error) {
	return v.kept.Get(ctx)
}

// Refresh makes the next Keyring of the viewer's city what is committed now: another replica may have changed the keys, and
// its data may be here sooner than they are.
func (v *Vault) Refresh(ctx context.Context) { v.kept.Forget(ctx) }

// mark tells which keys the city has, without their bytes.
func (v *Vault) mark(ctx context.Context) (string, error) {
	rows, err := v.db.Ent.DataKey.Query().Order(ent.Asc(datakey.FieldKind, datakey.FieldGeneration)).
		Select(datakey.FieldKind, datakey.FieldGeneration, datakey.FieldMasterID, datakey.FieldSuite).All(ctx)
	if err != nil {
		return "", fmt.Errorf("data keys: %w", err)
	}
	var mark strings.Builder
	for _, r := range rows {
		fmt.Fprintln(&mark, r.Kind, r.Generation, r.MasterID, r.Suite)
	}
	return mark.String(), nil
}

// open reads the city's keys and unwraps them.
func (v *Vault) open(ctx context.Context) (*privacy.Keyring, error) {
	rows, err := v.rows(ctx)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, v.whyNone(ctx)
	}
	return v.unwrap(ctx, rows)
}

func (v *Vault) rows(ctx context.Context) ([]*ent.DataKey, error) {
	rows, err := v.db.Ent.DataKey.Query().Order(ent.Asc(datakey.FieldKind, datakey.FieldGeneration)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("data keys: %w", err)
	}
	return rows, nil
}

func (v *Vault) unwrap(ctx context.Context, rows []*ent.DataKey) (*privacy.Keyring, error) {
	keys := make([]privacy.WrappedKey, len(rows))
	for i, r := range rows {
		keys[i] = privacy.WrappedKey{Kind: r.Kind, Generation: r.Generation, Suite: r.Suite, MasterID: r.MasterID, Wrapped: r.Wrapped}
	}
	m := v.master(rows[0].MasterID)
	if m == nil {
		return nil, errors.InternalServer("MASTER_KEY_MISSING",
			fmt.Sprintf("本市密钥由主密钥 %s 包裹，本机没有这把主密钥，请运维人员把它作为旧主密钥一并提供。", rows[0].MasterID))
	}
	k, err := privacy.OpenKeyring(m, tenants.From(ctx).Tenant, keys)
	if err != nil {
		return nil, fmt.Errorf("keyring of %s: %w", tenants.From(ctx).Tenant, err)
	}
	return k, nil
}

func (v *Vault) master(id string) *privacy.Master {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.masters[id]
}

func (v *Vault) newest() *privacy.Master {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.current
}

// whyNone tells a shredded city from one that was never set up.
func (v *Vault) whyNone(ctx context.Context) error {
	c, err := v.city(ctx)
	if err != nil {
		return err
	}
	if c.ShreddedAt != nil {
		return shredded()
	}
	return errors.InternalServer("KEYS_MISSING", "本市尚未建立密钥，请先用 hotline tenant 开通本市。")
}

func (v *Vault) city(ctx context.Context) (*ent.City, error) {
	c, err := v.db.Ent.City.Query().Where(city.Code(tenants.From(ctx).Tenant)).First(ctx)
	if ent.IsNotFound(err) {
		return nil, errors.NotFound("NOT_FOUND", "没有这个城市，请核对六位城市代码。")
	}
	if err != nil {
		return nil, fmt.Errorf("city: %w", err)
	}
	return c, nil
}

func shredded() error {
	return errors.New(410, "CITY_SHREDDED", "本市密钥已销毁，个人信息不可恢复；如需继续使用，请以新的租户重新开通。")
}

func conflict() error {
	return errors.Conflict("CONFLICT", "本市密钥刚刚被他人更换，请稍后再试。")
}
