package casework

import (
	"context"
	"fmt"

	"github.com/go-kratos/kratos/v2/errors"
)

// notFound is the answer for what does not exist, is another city's, or lies outside the viewer's scope: all the same.
func notFound() error {
	return errors.NotFound("NOT_FOUND", "没有找到，或不在您可见的范围内。")
}

// refused tells the person why an act can't be done and what to do instead.
func refused(reason, format string, args ...any) error {
	return errors.Conflict(reason, fmt.Sprintf(format, args...))
}

// invalid points at one field of the request.
func invalid(field, format string, args ...any) error {
	sentence := fmt.Sprintf(format, args...)
	return errors.BadRequest("INVALID_ARGUMENT", sentence).WithMetadata(map[string]string{"field." + field: sentence})
}

// conflict is for the slower of two people who acted at once.
func conflict() error {
	return errors.Conflict("CONFLICT", "工单刚刚被他人更新，请刷新后再操作。")
}

// again runs a transaction, and anew when another's act on the same order came in between and nothing of this one happened: what was
// asked for is held to the order as it stands then. It is for the outermost transaction only.
func (s *Service) again(ctx context.Context, do func(ctx context.Context) error) error {
	for try := 0; ; try++ {
		if err := s.db.Do(ctx, do); !isConflict(err) || try == 20 {
			return err
		}
	}
}

func isConflict(err error) bool { return errors.Reason(err) == "CONFLICT" }

// IsConflict says that somebody acted on the same order at the same moment: the call may be made again.
func IsConflict(err error) bool { return isConflict(err) }
