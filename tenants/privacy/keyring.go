package privacy

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math"
	"slices"
	"sync"
)

// Kinds of keys. Data keys come in generations; the other two live as long as the
// tenant, because an index or a chain under a new key would match nothing old.
const (
	kindData  = "data"
	kindIndex = "index"
	kindChain = "chain"
	macSize   = 32
)

// Keyring holds one tenant's keys (一个租户的密钥). Apart from Forget it never changes:
// Rotate and Drop return another one. It is safe for concurrent use and prints opaque.
type Keyring struct{ s *secrets }

// secrets lies behind a pointer, so that copying or printing a Keyring never copies
// or reaches a key.
type secrets struct {
	tenant  string
	suite   Suite
	current int

	mu    sync.RWMutex // held for reading while keys are used, for writing by Forget
	gone  bool
	data  map[int]dataKey
	index []byte
	chain []byte
}

// dataKey keeps its cipher: building one costs more than sealing a phone number.
type dataKey struct {
	key  []byte
	aead cipher.AEAD
}

// NewKeyring makes fresh keys for a tenant.
func NewKeyring(tenant string, suite Suite) (*Keyring, error) {
	if tenant == "" {
		return nil, errors.New("租户不能为空")
	}
	if !suite.known() {
		return nil, fmt.Errorf("不认识的密码套件 %d", suite)
	}
	data, err := suite.dataKey(random(algorithms[suite].keySize))
	if err != nil {
		return nil, err
	}
	return &Keyring{&secrets{
		tenant: tenant, suite: suite, current: 1, data: map[int]dataKey{1: data},
		index: random(macSize), chain: random(macSize),
	}}, nil
}

func random(size int) []byte {
	key := make([]byte, size)
	_, _ = rand.Read(key) // never fails: the runtime stops the program instead
	return key
}

func (s Suite) dataKey(key []byte) (dataKey, error) {
	aead, err := s.aead(key)
	if err != nil {
		return dataKey{}, fmt.Errorf("数据密钥: %w", err)
	}
	return dataKey{key: key, aead: aead}, nil
}

// OpenKeyring unwraps a tenant's keys. It wants one index key, one chain key and at
// least one data key, all of one suite; the greatest generation is the current one.
func OpenKeyring(m *Master, tenant string, keys []WrappedKey) (*Keyring, error) {
	s := &secrets{tenant: tenant, data: map[int]dataKey{}}
	for _, w := range keys {
		suite, err := ParseSuite(w.Suite)
		if err != nil {
			return nil, fmt.Errorf("密钥 %s/%d: %w", w.Kind, w.Generation, err)
		}
		if s.suite == 0 {
			s.suite = suite
		}
		if suite != s.suite {
			return nil, errors.New("一个租户的密钥必须同属一个密码套件")
		}
		key, err := m.unwrap(tenant, w, suite)
		if err != nil {
			return nil, err
		}
		if err := s.add(w, key); err != nil {
			return nil, err
		}
	}
	if len(s.data) == 0 || s.index == nil || s.chain == nil {
		return nil, fmt.Errorf("租户 %s 的密钥不全：数据、索引、链三种都要有", tenant)
	}
	return &Keyring{s}, nil
}

// add puts an unwrapped key into its place.
func (s *secrets) add(w WrappedKey, key []byte) error {
	_, twice := s.data[w.Generation]
	switch {
	case w.Kind == kindData && !twice && w.Generation > 0 && w.Generation <= math.MaxUint16 && len(key) == algorithms[s.suite].keySize:
		data, err := s.suite.dataKey(key)
		if err != nil {
			return err
		}
		s.data[w.Generation] = data
		s.current = max(s.current, w.Generation)
	case w.Kind == kindIndex && s.index == nil && len(key) == macSize:
		s.index = key
	case w.Kind == kindChain && s.chain == nil && len(key) == macSize:
		s.chain = key
	default:
		return fmt.Errorf("密钥 %s/%d 种类、代数或长度不对，或重复", w.Kind, w.Generation)
	}
	return nil
}

// Wrap gives the keys in the form to store, in a stable order. Wrapping with another
// master is how the master itself is changed.
func (k *Keyring) Wrap(m *Master) ([]WrappedKey, error) {
	s := k.s
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.gone {
		return nil, ErrForgotten
	}
	wrapped := []WrappedKey{
		m.wrap(s.tenant, kindIndex, 1, s.suite, s.index),
		m.wrap(s.tenant, kindChain, 1, s.suite, s.chain),
	}
	for _, generation := range slices.Sorted(maps.Keys(s.data)) {
		wrapped = append(wrapped, m.wrap(s.tenant, kindData, generation, s.suite, s.data[generation].key))
	}
	return wrapped, nil
}

// Rotate returns a keyring with one more data key, which seals from now on; what the
// older ones sealed still opens, and Stale tells it.
func (k *Keyring) Rotate() (*Keyring, error) {
	next, err := k.clone()
	if err != nil {
		return nil, err
	}
	if next.current >= math.MaxUint16 {
		return nil, errors.New("数据密钥代数已用尽")
	}
	data, err := next.suite.dataKey(random(algorithms[next.suite].keySize))
	if err != nil {
		return nil, err
	}
	next.current++
	next.data[next.current] = data
	return &Keyring{next}, nil
}

// Drop returns a keyring without an old data key: what it sealed is gone for good.
// The current generation can't be dropped.
func (k *Keyring) Drop(generation int) (*Keyring, error) {
	next, err := k.clone()
	if err != nil {
		return nil, err
	}
	if generation == next.current {
		return nil, errors.New("不能删除正在使用的数据密钥")
	}
	if _, ok := next.data[generation]; !ok {
		return nil, fmt.Errorf("第 %d 代: %w", generation, ErrNoKey)
	}
	delete(next.data, generation)
	return &Keyring{next}, nil
}

// clone copies the keys too, so that Forget on one keyring leaves the other alone.
func (k *Keyring) clone() (*secrets, error) {
	s := k.s
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.gone {
		return nil, ErrForgotten
	}
	next := &secrets{
		tenant: s.tenant, suite: s.suite, current: s.current, data: map[int]dataKey{},
		index: slices.Clone(s.index), chain: slices.Clone(s.chain),
	}
	for generation, d := range s.data {
		next.data[generation] = dataKey{key: slices.Clone(d.key), aead: d.aead}
	}
	return next, nil
}

// Suite tells the algorithms in use.
func (k *Keyring) Suite() Suite { return k.s.suite }

// Current tells the generation that seals.
func (k *Keyring) Current() int { return k.s.current }

// Tenant tells whose keys these are.
func (k *Keyring) Tenant() string { return k.s.tenant }

// Forget zeroes the keys; nothing opens or seals any more. The expanded keys inside
// the ciphers can't be zeroed and go with the garbage collector.
func (k *Keyring) Forget() {
	s := k.s
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.data {
		clear(d.key)
	}
	clear(s.index)
	clear(s.chain)
	s.data, s.gone = nil, true
}

// Seal closes a datum for one row. The row, class and tenant are bound: moved into
// another place, it doesn't open. Empty text gives an empty Personal.
func (k *Keyring) Seal(class Class, row string, plain string) (Personal, error) {
	if plain == "" {
		return Personal{}, nil
	}
	if !class.known() {
		return Personal{}, fmt.Errorf("不认识的类别 %d", class)
	}
	if row == "" {
		return Personal{}, errors.New("封存个人信息要有所属的行")
	}
	s := k.s
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.gone {
		return Personal{}, ErrForgotten
	}
	out := make([]byte, headerSize+nonceSize, minSealed+len(plain))
	out[0], out[1], out[2] = format, byte(s.suite), byte(class)
	binary.BigEndian.PutUint16(out[3:], uint16(s.current))
	_, _ = rand.Read(out[headerSize:])
	aad := s.binding(string(out[:headerSize]), row)
	out = s.data[s.current].aead.Seal(out, out[headerSize:], []byte(plain), aad)
	return Personal{string(out)}, nil
}

// open is the only place that turns a Personal into text; Reader and Reseal call it.
func (k *Keyring) open(p Personal, row string) (string, error) {
	if p.Empty() {
		return "", nil
	}
	s := k.s
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.gone {
		return "", ErrForgotten
	}
	if p.suite() != s.suite {
		return "", ErrUnreadable
	}
	data, ok := s.data[p.generation()]
	if !ok {
		return "", fmt.Errorf("第 %d 代: %w", p.generation(), ErrNoKey)
	}
	body := []byte(p.sealed[headerSize:])
	nonce, text := body[:nonceSize], body[nonceSize:]
	plain, err := data.aead.Open(text[:0], nonce, text, s.binding(p.sealed[:headerSize], row))
	if err != nil {
		return "", ErrUnreadable
	}
	return string(plain), nil
}

// binding is what the tag covers besides the text.
func (s *secrets) binding(header, row string) []byte {
	aad := make([]byte, 0, headerSize+8+len(s.tenant)+len(row))
	aad = append(aad, header...)
	aad = append(sized(aad, len(s.tenant)), s.tenant...)
	return append(aad, row...)
}

// Reseal closes a datum again under the current data key.
func (k *Keyring) Reseal(p Personal, row string) (Personal, error) {
	plain, err := k.open(p, row)
	if err != nil {
		return Personal{}, err
	}
	return k.Seal(p.Class(), row, plain)
}

// Stale tells that a datum lies under an older data key and wants Reseal.
func (k *Keyring) Stale(p Personal) bool {
	return !p.Empty() && p.generation() != k.s.current
}

// Format prints whose keys these are, whatever the verb.
func (k Keyring) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.label()) }

// MarshalJSON writes whose keys these are.
func (k Keyring) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, "%q", k.label()), nil }

// LogValue gives slog whose keys these are.
func (k Keyring) LogValue() slog.Value { return slog.StringValue(k.label()) }

func (k Keyring) label() string {
	if k.s == nil {
		return "〔密钥〕"
	}
	return "〔密钥 " + k.s.tenant + "〕"
}
