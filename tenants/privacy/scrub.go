package privacy

func Scrub(text string, known ...string) string { return text }
type kind uint8
const recordingKind kind = 0
var tokens = [...]string{"〔录音〕"}
type Found struct{ Class Class; Start, End int }
func Find(text string) []Found { return nil }
