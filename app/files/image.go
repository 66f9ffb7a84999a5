package files

import (
	"bytes"
	"encoding/binary"
)

// cleanJPEG keeps what makes the picture and drops the rest: Exif with the place it was taken at, XMP, comments, thumbnails, and
// whatever hangs behind the end. Which way is up is kept, in an Exif of that one number.
func cleanJPEG(b []byte) ([]byte, error) {
	out := append(make([]byte, 0, len(b)), 0xFF, 0xD8)
	up := 0
	for i := 2; i+4 <= len(b); {
		if b[i] != 0xFF {
			return nil, damaged()
		}
		marker := b[i+1]
		if marker == 0xFF { // fill byte
			i++
			continue
		}
		size := int(binary.BigEndian.Uint16(b[i+2:]))
		end := i + 2 + size
		if marker < 0xC0 || marker >= 0xD0 && marker <= 0xD9 || size < 2 || end > len(b) {
			return nil, damaged()
		}
		switch segment := b[i:end]; {
		case marker == 0xDA:
			rest, err := scans(b[i:])
			return append(append(out, uprightExif(up)...), rest...), err
		case marker == 0xE1 && bytes.HasPrefix(segment[4:], []byte("Exif\x00\x00")):
			up = orientation(segment[10:])
		case marker <= 0xE0, marker == 0xEE, marker == 0xE2 && bytes.HasPrefix(segment[4:], []byte("ICC_PROFILE")):
			out = append(out, segment...)
		}
		i = end
	}
	return nil, damaged()
}

// scans is the picture from its first scan to its end, without the segments of data about it that may stand between scans.
func scans(b []byte) ([]byte, error) {
	out := make([]byte, 0, len(b))
	for i := 0; i+1 < len(b); {
		marker := b[i+1]
		switch {
		case b[i] != 0xFF, marker == 0x00, marker >= 0xD0 && marker <= 0xD7: // the picture itself
			out = append(out, b[i])
			i++
			if b[i-1] == 0xFF {
				out = append(out, b[i])
				i++
			}
			continue
		case marker == 0xFF:
			i++
			continue
		case marker == 0xD9:
			return append(out, 0xFF, 0xD9), nil
		}
		if i+4 > len(b) {
			break
		}
		end := i + 2 + int(binary.BigEndian.Uint16(b[i+2:]))
		if end < i+4 || end > len(b) {
			break
		}
		if marker < 0xE0 {
			out = append(out, b[i:end]...)
		}
		i = end
	}
	return nil, damaged()
}

const orientationTag = 0x0112

// orientation reads which way is up from an Exif; 0 when it does not say.
func orientation(tiff []byte) int {
	if len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.LittleEndian
	if tiff[0] == 'M' {
		order = binary.BigEndian
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return 0
	}
	entries := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(entries) < 12 {
			return 0
		}
		if order.Uint16(entries) == orientationTag {
			return int(order.Uint16(entries[8:]))
		}
		entries = entries[12:]
	}
	return 0
}

// uprightExif is an Exif that says which way is up and nothing else; none when the picture stands as it is.
func uprightExif(up int) []byte {
	if up < 2 || up > 8 {
		return nil
	}
	tiff := []byte{'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, orientationTag >> 8, orientationTag & 0xFF, 0, 3, 0, 0, 0, 1, 0, byte(up), 0, 0, 0, 0, 0, 0}
	head := []byte{0xFF, 0xE1, 0, byte(2 + 6 + len(tiff)), 'E', 'x', 'i', 'f', 0, 0}
	return append(head, tiff...)
}

// pictureChunks of PNG make the picture; all others are about it, or somebody's own.
var pictureChunks = map[string]bool{"IHDR": true, "PLTE": true, "IDAT": true, "IEND": true, "tRNS": true, "gAMA": true, "cHRM": true,
	"sRGB": true, "iCCP": true, "sBIT": true, "bKGD": true, "pHYs": true, "acTL": true, "fcTL": true, "fdAT": true, "cICP": true}

// cleanPNG keeps the chunks that make the picture, up to its end.
func cleanPNG(b []byte) ([]byte, error) {
	const head = 8
	if len(b) < head {
		return nil, damaged()
	}
	out := append(make([]byte, 0, len(b)), b[:head]...)
	for rest := b[head:]; len(rest) >= 12; {
		size := uint64(binary.BigEndian.Uint32(rest)) + 12
		if size > uint64(len(rest)) {
			break
		}
		name := string(rest[4:8])
		if len(out) == head && name != "IHDR" {
			break
		}
		if pictureChunks[name] {
			out = append(out, rest[:size]...)
		}
		if name == "IEND" {
			return out, nil
		}
		rest = rest[size:]
	}
	return nil, damaged()
}

// cleanWebP keeps the chunks that make the picture, and no longer says that there are others.
func cleanWebP(b []byte) ([]byte, error) {
	out, err := cleanRIFF(b, map[string]bool{"VP8 ": true, "VP8L": true, "VP8X": true, "ALPH": true, "ANIM": true, "ANMF": true, "ICCP": true})
	if err == nil && len(out) > 20 && string(out[12:16]) == "VP8X" {
		const exif, xmp = 0x08, 0x04
		out[20] &^= exif | xmp
	}
	return out, err
}

// cleanWAV keeps the sound and how to play it.
func cleanWAV(b []byte) ([]byte, error) {
	return cleanRIFF(b, map[string]bool{"fmt ": true, "fact": true, "data": true})
}

// cleanRIFF keeps the named chunks of a RIFF file and drops the rest, and what hangs behind its end.
func cleanRIFF(b []byte, keep map[string]bool) ([]byte, error) {
	if len(b) < 12 || string(b[:4]) != "RIFF" {
		return nil, damaged()
	}
	out := append(make([]byte, 0, len(b)), b[:12]...)
	end := min(uint64(binary.LittleEndian.Uint32(b[4:]))+8, uint64(len(b)))
	if end < 12 {
		return nil, damaged()
	}
	for rest := b[12:end]; len(rest) >= 8; {
		size := uint64(binary.LittleEndian.Uint32(rest[4:]))
		if size += 8 + size%2; size > uint64(len(rest)) {
			if size != uint64(len(rest))+1 { // the last chunk may lack its fill byte
				return nil, damaged()
			}
			size--
		}
		if keep[string(rest[:4])] {
			out = append(out, rest[:size]...)
		}
		rest = rest[size:]
	}
	if len(out) == 12 {
		return nil, damaged()
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out, nil
}
