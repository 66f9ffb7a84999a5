package files

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// box is one box of an MP4 or HEIC file: where it begins in the file, where its content does, and where it ends.
type box struct {
	name             string
	start, body, end int
}

// boxes splits a part of a file into its boxes; they must fill it whole.
func boxes(b []byte, start, end int) ([]box, bool) {
	var all []box
	for start < end {
		if end-start < 8 {
			return nil, false
		}
		one := box{string(b[start+4 : start+8]), start, start + 8, end}
		switch size := uint64(binary.BigEndian.Uint32(b[start:])); {
		case size == 1:
			if end-start < 16 {
				return nil, false
			}
			long := binary.BigEndian.Uint64(b[start+8:])
			if long < 16 || long > uint64(end-start) {
				return nil, false
			}
			one.body, one.end = start+16, start+int(long)
		case size == 0: // up to the end
		case size < 8 || size > uint64(end-start):
			return nil, false
		default:
			one.end = start + int(size)
		}
		all = append(all, one)
		start = one.end
	}
	return all, true
}

// blank turns a box into free space of the same length, so that nothing else in the file moves.
func blank(b []byte, x box) {
	copy(b[x.start+4:], "free")
	clear(b[x.body:x.end])
}

// cleanMP4 blanks what a phone writes about a recording: place, device, time of its own boxes.
func cleanMP4(content []byte) ([]byte, error) {
	b := slices.Clone(content)
	top, ok := boxes(b, 0, len(b))
	if !ok || len(top) == 0 || top[0].name != "ftyp" || !slices.ContainsFunc(top, func(x box) bool { return x.name == "moov" }) {
		return nil, damaged()
	}
	return b, blankAbout(b, top, 0)
}

const deepest = 4 // moov/trak/mdia is as deep as such boxes lie

func blankAbout(b []byte, in []box, depth int) error {
	for _, x := range in {
		switch x.name {
		case "udta", "meta", "uuid", "skip", "free":
			blank(b, x)
		case "moov", "trak", "mdia":
			inner, ok := boxes(b, x.body, x.end)
			if !ok || depth == deepest {
				return damaged()
			}
			if err := blankAbout(b, inner, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// cleanMP3 keeps the frames of the sound: no tags before or after them.
func cleanMP3(b []byte) ([]byte, error) {
	for len(b) >= 10 && string(b[:3]) == "ID3" {
		size := 10 + int(b[6]&0x7F)<<21 + int(b[7]&0x7F)<<14 + int(b[8]&0x7F)<<7 + int(b[9]&0x7F)
		if b[5]&0x10 != 0 {
			size += 10 // a footer
		}
		if size > len(b) {
			return nil, damaged()
		}
		b = bytes.TrimLeft(b[size:], "\x00")
	}
	const tag = 128
	if len(b) > tag && string(b[len(b)-tag:len(b)-tag+3]) == "TAG" {
		b = b[:len(b)-tag]
	}
	if len(b) < 4 || b[0] != 0xFF || b[1]&0xE0 != 0xE0 {
		return nil, damaged()
	}
	return b, nil
}

// cleanAMR has nothing to take out: the format knows no data about the sound.
func cleanAMR(b []byte) ([]byte, error) {
	if !bytes.HasPrefix(b, []byte("#!AMR\n")) && !bytes.HasPrefix(b, []byte("#!AMR-WB\n")) {
		return nil, damaged()
	}
	return b, nil
}
