package files

import (
	"encoding/binary"
	"slices"
)

// cleanHEIC blanks the Exif and XMP of a HEIC picture where they lie: the table of items says where.
func cleanHEIC(content []byte) ([]byte, error) {
	b := slices.Clone(content)
	top, ok := boxes(b, 0, len(b))
	if !ok || len(top) == 0 || top[0].name != "ftyp" {
		return nil, damaged()
	}
	found := false
	for _, x := range top {
		if x.name != "meta" {
			if err := blankAbout(b, []box{x}, 0); err != nil {
				return nil, err
			}
			continue
		}
		found = true
		if !blankItems(b, x) {
			return nil, damaged()
		}
	}
	if !found {
		return nil, damaged()
	}
	return b, nil
}

// blankItems zeroes the items of a meta box that are about the picture.
func blankItems(b []byte, meta box) bool {
	const full = 4 // version and flags
	if meta.end-meta.body < full {
		return false
	}
	inner, ok := boxes(b, meta.body+full, meta.end)
	if !ok {
		return false
	}
	in := map[string]box{}
	for _, x := range inner {
		in[x.name] = x
	}
	about, ok := itemsAbout(b, in["iinf"])
	if !ok {
		return false
	}
	where, ok := placesOf(b, in["iloc"], in["idat"], about)
	if !ok {
		return false
	}
	for _, p := range where {
		clear(b[p.start:p.end])
	}
	return true
}

// itemsAbout are the ids of the items that hold data about the picture.
func itemsAbout(b []byte, iinf box) (map[uint64]bool, bool) {
	r := reader{b: b[iinf.body:iinf.end]}
	count := r.num(map[bool]int{true: 2, false: 4}[r.num(4)>>24 == 0])
	if r.short || iinf.name == "" {
		return nil, false
	}
	infes, ok := boxes(b, iinf.end-len(r.b), iinf.end)
	if !ok || uint64(len(infes)) != count {
		return nil, false
	}
	about := map[uint64]bool{}
	for _, x := range infes {
		r := reader{b: b[x.body:x.end]}
		version := r.num(4) >> 24
		id := r.num(map[bool]int{true: 4, false: 2}[version == 3])
		_ = r.num(2)
		kind := string(binary.BigEndian.AppendUint32(nil, uint32(r.num(4))))
		if r.short || version < 2 {
			return nil, false
		}
		if kind == "Exif" || kind == "mime" || kind == "uri " {
			about[id] = true
		}
	}
	return about, true
}

// placesOf are the parts of the file that the items lie in.
func placesOf(b []byte, iloc, idat box, items map[uint64]bool) (where []box, ok bool) {
	if iloc.name == "" {
		return nil, len(items) == 0
	}
	r := reader{b: b[iloc.body:iloc.end]}
	version := r.num(4) >> 24
	sizes := r.num(2)
	offsets, lengths, bases, indexes := int(sizes>>12), int(sizes>>8&15), int(sizes>>4&15), int(sizes&15)
	wide := map[bool]int{true: 4, false: 2}[version == 2]
	for n := r.num(wide); n > 0 && !r.short; n-- {
		id, method := r.num(wide), uint64(0)
		if version > 0 {
			method = r.num(2) & 15
		}
		_ = r.num(2)
		base := r.num(bases)
		for e := r.num(2); e > 0 && !r.short; e-- {
			if version > 0 {
				_ = r.num(indexes)
			}
			start := base + r.num(offsets)
			end := start + r.num(lengths)
			limit := uint64(len(b))
			if method == 1 {
				start, end, limit = start+uint64(idat.body), end+uint64(idat.body), uint64(idat.end)
			}
			if !items[id] {
				continue
			}
			if method > 1 || start > end || end > limit {
				return nil, false
			}
			where = append(where, box{start: int(start), end: int(end)})
		}
	}
	return where, !r.short && version <= 2
}

// reader reads numbers and remembers when there was too little to read.
type reader struct {
	b     []byte
	short bool
}

func (r *reader) num(size int) (n uint64) {
	if size > len(r.b) || size > 8 {
		r.short = true
		return 0
	}
	for _, c := range r.b[:size] {
		n = n<<8 | uint64(c)
	}
	r.b = r.b[size:]
	return n
}
