package crossing

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"hotline/app/casework"
)

// chunk is how much of a file travels at once; a line that breaks costs no more than that.
const chunk = 1 << 20

// wanted is what one process asks another for.
type wanted struct {
	Origin string `json:"origin"`
	Number int64  `json:"number"`
	Source string `json:"source"`
	From   int64  `json:"from"`
}

// Fetch brings a file of a transferred case here (附件传输): from this deployment, or from whichever member has it.
func (s *Service) Fetch(ctx context.Context, job casework.FetchJob) error {
	return s.casework.Fetch(ctx, job.File, s.fetch)
}

func (s *Service) fetch(ctx context.Context, region, origin string, number int64, source string) ([]byte, error) {
	var whole []byte
	for {
		part, size, err := s.part(ctx, region, wanted{origin, number, source, int64(len(whole))})
		if err != nil {
			return nil, err
		}
		whole = append(whole, part...)
		if len(whole) > casework.MaxFile+chunk {
			return nil, fmt.Errorf("a file of %s is longer than any", origin)
		}
		if int64(len(whole)) >= size || len(part) == 0 {
			return whole, nil
		}
	}
}

// part asks for the next bytes, of any member that has them: a city may have several nodes, and one of them may be away.
func (s *Service) part(ctx context.Context, region string, w wanted) (part []byte, size int64, err error) {
	if s.here(ctx, w.Origin) {
		return s.casework.Convey(as(ctx, w.Origin), region, w.Number, w.Source, w.From, chunk)
	}
	question, err := json.Marshal(w)
	if err != nil {
		return nil, 0, err
	}
	err = fmt.Errorf("no member of %s is known that could have a file of %s", region, w.Origin)
	node := s.node()
	if node == nil {
		return nil, 0, err
	}
	for _, p := range node.Peers(region) {
		answer, askErr := node.Call(ctx, region, p, question)
		if askErr == nil && len(answer) >= 8 {
			return answer[8:], int64(binary.BigEndian.Uint64(answer)), nil
		}
		err = fmt.Errorf("a file of %s: %w", w.Origin, askErr)
	}
	return nil, 0, err
}

// serveFile answers another process.
func (s *Service) serveFile(ctx context.Context, group, from string, question []byte) []byte {
	var w wanted
	if json.Unmarshal(question, &w) != nil || !s.here(ctx, w.Origin) || w.From < 0 {
		return nil
	}
	part, size, err := s.casework.Convey(as(ctx, w.Origin), group, w.Number, w.Source, w.From, chunk)
	if err != nil {
		s.log.Warn("a file was asked for that is not given", "region", group, "node", from, "error", err)
		return nil
	}
	return append(binary.BigEndian.AppendUint64(nil, uint64(size)), part...)
}
