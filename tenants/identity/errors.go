package identity

import (
	"fmt"
	"strconv"
	"time"

	"github.com/go-kratos/kratos/v2/errors"
)

// unauthenticated is one sentence for every cause: expired, forged, revoked, disabled, without a post.
func unauthenticated() error {
	return errors.Unauthorized("UNAUTHENTICATED", "登录已失效，请重新登录。")
}

// loginFailed does not tell whether the login, the password or the city was wrong.
func loginFailed() error {
	return errors.Unauthorized("LOGIN_FAILED", "账号、口令或所选城市不正确，请核对后重试。")
}

func tooMany(wait time.Duration) error {
	seconds := strconv.Itoa(int((wait + time.Second - 1) / time.Second))
	return errors.New(429, "TOO_MANY_TRIES", fmt.Sprintf("尝试次数过多，请在 %s 秒后再试。", seconds)).
		WithMetadata(map[string]string{"retry_after": seconds})
}

func busy() error {
	return errors.ServiceUnavailable("BUSY", "登录的人较多，请稍后再试。")
}

// mustChange is for who bears a good token but whose password somebody else knows.
func mustChange() error {
	return errors.Forbidden("MUST_CHANGE_PASSWORD", "您的口令是他人设定的，请先修改口令，再办理其他事项。")
}

// notFound is also the answer for another city's people.
func notFound() error {
	return errors.NotFound("NOT_FOUND", "本市没有这个账号，请核对后重试。")
}

func invalid(field, sentence string) error {
	return errors.BadRequest("INVALID_ARGUMENT", sentence).WithMetadata(map[string]string{"field." + field: sentence})
}

func forbidden(reason, sentence string) error { return errors.Forbidden(reason, sentence) }

func conflict(reason, sentence string) error { return errors.Conflict(reason, sentence) }
