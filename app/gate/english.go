package gate

import (
	"context"
	"maps"
	"net/http"
	"strings"

	"github.com/go-kratos/kratos/v2/errors"
	"github.com/go-kratos/kratos/v2/middleware"
	"github.com/go-kratos/kratos/v2/transport"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// English (英文界面): a refusal is worded in Chinese where it is made and carries a stable reason; a caller whose Accept-Language
// begins with en gets the sentence of that reason from here. A test holds that every reason has one.

// inEnglish says whether an Accept-Language asks for English first.
func inEnglish(accept string) bool {
	first, _, _ := strings.Cut(accept, ",")
	tag, _, _ := strings.Cut(strings.TrimSpace(first), ";")
	lang, _, _ := strings.Cut(tag, "-")
	return strings.EqualFold(lang, "en")
}

// worded puts a refusal into the language of who asked. What names one thing among many (a field, a year) keeps the Chinese sentence
// behind the English one: nothing that was said is lost.
func worded(r *http.Request, err error) error {
	if !inEnglish(r.Header.Get("Accept-Language")) {
		return err
	}
	said := errors.FromError(err)
	text, known := englishFor(said.GetReason(), said.GetMessage())
	if !known {
		return err
	}
	about := maps.Clone(said.GetMetadata())
	for field, sentence := range about {
		about[field] = englishRule(sentence)
	}
	return errors.New(int(said.GetCode()), said.GetReason(), text).WithMetadata(about).WithCause(err)
}

// englishFor is the sentence of a reason for what was said in Chinese.
func englishFor(reason, said string) (text string, known bool) {
	if text, known = english[reason]; known && particular[reason] && said != checkFields {
		text += " （" + said + "）"
	}
	return text, known
}

// reword puts into English why acts are closed (未开放的操作), for who reads English: an answer says it with the reason of the refusal.
func (g *Gate) reword(next middleware.Handler) middleware.Handler {
	return func(ctx context.Context, in any) (any, error) {
		out, err := next(ctx, in)
		if err != nil {
			return out, err
		}
		if tr, ok := transport.FromServerContext(ctx); ok && inEnglish(tr.RequestHeader().Get("Accept-Language")) {
			if m, ok := out.(proto.Message); ok {
				rewordAll(m.ProtoReflect())
			}
		}
		return out, nil
	}
}

// rewordAll goes through an answer to every why_not that has a reason beside it.
func rewordAll(m protoreflect.Message) {
	fields := m.Descriptor().Fields()
	if why, reason := fields.ByName("why_not"), fields.ByName("reason"); why != nil && reason != nil {
		if text, known := englishFor(m.Get(reason).String(), m.Get(why).String()); known {
			m.Set(why, protoreflect.ValueOfString(text))
		}
	}
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.Message() == nil || f.IsMap():
		case f.IsList():
			for i := range v.List().Len() {
				rewordAll(v.List().Get(i).Message())
			}
		default:
			rewordAll(v.Message())
		}
		return true
	})
}

// englishRule words what check says of one field; what a room says of its fields stays as it is.
func englishRule(sentence string) string {
	for chinese, text := range englishRules {
		before, after, bound := strings.Cut(chinese, "%s")
		if !bound && sentence == chinese {
			return text
		}
		if rest, ok := strings.CutPrefix(sentence, before); bound && ok && strings.HasSuffix(rest, after) {
			return strings.Replace(text, "%s", strings.TrimSuffix(rest, after), 1)
		}
	}
	return sentence
}

// englishRules are the sentences of validate.go.
var englishRules = map[string]string{
	"必须填写。": "This must be filled in.", "太短，至少 %s 个字。": "Too short: at least %s characters.", "太长，至多 %s 个字。": "Too long: at most %s characters.",
	"应为 %s 个字。": "This must have %s characters.", "太短。": "Too short.", "太长。": "Too long.", "格式不对，请按说明填写。": "This does not have the right form.",
	"开头不对，请按说明填写。": "This does not begin as it should.", "只能填写规定的值。": "Only the given value fits here.", "不是正确的电子邮箱。": "This is no e-mail address.",
	"不是正确的编号。": "This is no id.", "不是正确的网址。": "This is no address.", "不在可选的值之内。": "This is not among the choices.", "不能是这个值。": "This value can't be used.",
	"没有这个选项。": "There is no such choice.", "这里不能用这个选项。": "This choice can't be used here.", "请选择一项。": "Please choose one.", "至少要有 %s 项。": "At least %s are needed.",
	"至多 %s 项。": "At most %s.", "有重复的项，请删去。": "Something is there twice.", "不能为空。": "This must not be empty.", "太大，至多 %s 字节。": "Too large: at most %s bytes.",
	"必须确认这一项。": "This must be confirmed.", "应大于 %s。": "This must be more than %s.", "不能小于 %s。": "This can't be less than %s.", "应小于 %s。": "This must be less than %s.",
	"不能大于 %s。": "This can't be more than %s.", "应早于现在。": "This must be before now.", "应晚于现在。": "This must be after now.",
	"超出允许的范围，请按说明填写。": "This is out of range.", "不符合要求，请按说明填写。": "This does not fit.",
}

// particular are the reasons whose sentence says which of many things it is about.
var particular = map[string]bool{"INVALID_ARGUMENT": true, "CALENDAR_UNKNOWN": true, "NOT_READY": true, "PERSONAL_DATA": true, "PENDING": true,
	"TRANSFER_UNDER_WAY": true, "LIST_FORGED": true, "INVALID_JSON": true, "INVALID_QUERY": true}

// english are the sentences by reason: what is so, and what to do.
var english = map[string]string{
	// The door.
	"BUSY": "Many people are signing in. Please try again shortly.", "CANCELLED": "The request was cancelled.",
	"CITY_SHREDDED":    "The city's keys were destroyed; personal data can't be restored. Open a new tenant to go on.",
	"CONFLICT":         "Somebody has just changed this. Please refresh and try again.",
	"DENIED":           "Your post can't do this. If you need to, ask your city's administrator.",
	"INTERNAL":         "Something went wrong on our side. Please try again later and quote the trace number.",
	"INVALID_ARGUMENT": "Please check what you entered.", "INVALID_JSON": "The request is not the JSON that is expected here.",
	"INVALID_QUERY":      "The address has a parameter that is not known here, or a value that does not fit.",
	"LOGIN_FAILED":       "Account, password or city is not right. Please check and try again.",
	"METHOD_NOT_ALLOWED": "This address does not take this kind of request.", "MUST_CHANGE_PASSWORD": "Somebody else set your password. Change it first.",
	"NOT_FOUND": "Not found, or not within what you may see.", "NO_RULE": "This method declares no access rule; nobody may call it.",
	"REQUEST_ID_REUSED": "This request_id was used for another act. Please use a new one.", "TIMEOUT": "This took too long. Please try again later.",
	"TOO_FAST": "Too fast. Please wait a little and try again.", "TOO_LARGE": "The request is too large.",
	"TOO_MANY_STREAMS": "Too many pages are open. Close some and try again.", "TOO_MANY_TRIES": "Too many tries. Please wait and try again.",
	"UNAUTHENTICATED": "Please sign in.", "UNSUPPORTED_MEDIA_TYPE": "Only JSON is taken here (Content-Type: application/json).",
	// Orders.
	"ADJUDICATING": "The order is being adjudicated. Please wait for the verdict.", "ALREADY_APPEALED": "An appeal about this was made already.",
	"ALREADY_ASKED": "This was asked already. Please wait for the decision.", "ALREADY_AWAITING": "The order is waiting for the citizen already.",
	"ALREADY_CONTESTED": "You contested this already; it can be done once.", "ALREADY_DECIDED": "This application is decided already.",
	"ALREADY_DISPUTED": "One return can be disputed once only.", "ALREADY_ENDED": "The unit's part has ended already.",
	"ALREADY_HEARD": "Your unit has given its word already.", "ALREADY_ON_IT": "That unit works on this order already.",
	"ALREADY_REPLIED": "Your unit has replied already.", "ALREADY_RETURNED": "Your unit asked to return this already. If it was rejected you may dispute that once.",
	"ALREADY_SIGNED": "This was signed for already.", "ALREADY_TAKEN_IN": "The request with this number of the other system was taken in already.",
	"ANSWERED": "This was answered already.", "BEYOND_UNIT_ABOVE": "What is handed down can't be due later than the unit above. Let that unit ask for an extension first.",
	"CALENDAR_UNKNOWN": "The holidays of that year are not known yet. Ask your administrator to add the calendar.", "CALLED_BACK_BY_ORIGIN": "The city that handed this on calls the citizen back.",
	"CAME_BY_TRANSFER": "This order came from another city and was accepted; it can't be handed on again.", "CHANNEL_ORDER": "Please call back by the channels in the order of your city's rules.",
	"CROSS_CITY": "This belongs to another city: hand it over, don't dispatch it here.", "ENOUGH_TODAY": "This was done often enough today; the units have it. Try again tomorrow. In danger call 110, 119 or 120 at once.",
	"FILE_ON_ITS_WAY": "The file is on its way from the other city. Please try again shortly.", "FILE_TOO_LARGE": "The file is too large. Compress it, or send it in parts.",
	"HANDED_DOWN": "The unit above handed this down to you: talk to it, this is not returned.", "HAS_MERGED": "Other orders are merged into this one. Split them off first.",
	"HEARING_OPEN": "The unit that is named may still give its word. Wait for that or for the end of its time.", "HELD": "A colleague holds this order.",
	"HOTLINE_DECIDES": "The hotline's supervisor decides this.", "LIFE_FIRST": "A life is at risk: the emergency line acts first; the hotline may take it in as well.",
	"LOCKED": "The order is locked by a verdict. Please work on it.", "MAIN_ENDED": "That order has ended; nothing can be merged into it.",
	"NOTHING_TO_WRITE": "There is nothing to write a letter about yet: urge or supervise first.", "NOT_BELOW": "You can hand down only to a unit below yours.",
	"NOT_CONTACTED": "Reach the citizen, and record it, before you answer.", "NOT_FOUND_UNREASONABLE": "Ending as unreasonable needs two levels of review first.",
	"NOT_HANDLING": "Your unit is not working on this now.", "NOT_HELD": "The order is in the pool already.", "NOT_LEAD": "The lead unit asks for this.",
	"NOT_MERGEABLE": "An order for another city or for the police can't be merged.", "NOT_OPENABLE": "Your post may not open files of this order.",
	"NOT_REVEALABLE": "By your city's rules your post may not see this in the clear.", "NOT_SAME_CALLER": "The earlier order is not of this caller.",
	"NOT_SIGNED": "Sign first.", "NOT_SUSPENDED": "Nothing is laid by.", "NOT_TO_STREET": "This matter must not be dispatched to streets and townships.",
	"NO_BRIEF": "Write what the units shall read, without what tells who the informer is, before dispatching a report.", "NO_CLOCK": "No time is running here.",
	"NO_EVIDENCE": "Evidence must be kept at intake before a referral to the police.", "NO_FINDING": "No finding of being unreasonable is in force.",
	"NO_UNIT_ABOVE": "There is no unit above. Supervise the order instead.", "OTHER_POOL": "This pool is not worked on by your post.", "OWN_CASE": "A unit does not call back about its own work.",
	"OWN_UNIT": "You can't decide about your own unit. Let somebody else do it.", "PART_ENDED": "The lead has concluded the order; your unit's part has ended.",
	"PERSONAL_DATA": "The text names the citizen. Take that out.", "POLICE_REFERRAL": "This is to be referred to the police: approve that, don't dispatch.",
	"REOPEN_AT_ORIGIN": "This order came from another city. That city reopens it and hands it over again.", "RETURN_WINDOW_CLOSED": "The time to return it is over: it counts as accepted.",
	"SAME_DAY": "There was an unanswered call today. Try another day.", "SAME_FILE": "This file is here already.", "SAME_HOUR": "The last call at this hour was not answered. Try another time of day.",
	"SECOND_PERSON": "A second person must do this.", "STILL_OPEN": "Something about this order is still open. Settle that first.",
	"THREE_WAY_FIRST": "Speak together first; if nobody agrees, whoever took the call takes the matter in.", "TOO_FEW_ATTEMPTS": "There were too few attempts to reach the citizen.",
	"TOO_LATE": "The time for this is over.", "TOO_MANY_AWAITS": "The citizen can't be asked more often.", "TOO_MANY_EXTENSIONS": "The extensions are used up.",
	"TOO_MANY_FILES": "The order has as many files as it can have.", "TOO_OLD": "The earlier order ended too long ago. Take this in as a new one.",
	"UNITS_AT_WORK": "Units are at work on it: let the other side act first while the hotline goes on.", "WRONG_STATE": "This can't be done in the present state.",
	"NOTHING_TO_DECIDE": "No application of this kind waits for a decision.", "NOTHING_TO_DISPUTE": "No return of your unit was rejected.",
	"NOTHING_TO_HEAR": "No return that names your unit waits for its word.", "NOT_HANDED": "Nothing was handed to your unit in an emergency.",
	"NOT_YOUR_PART": "This order is not dispatched to your unit.",
	// Between cities.
	"NOT_TRANSFERRED":   "This order was not handed to another city.",
	"LETTER_UNREADABLE": "What came from the other city can't be read.", "NOT_ASKED": "No aid was asked for, or it has ended.", "NOT_DECLINED": "Only after the other city declined can the coordinator be asked.",
	"NOT_DISPUTED": "This transfer is not disputed.", "NOT_LINKED": "That city is not in your region. Tell the citizen to call 12345 there.",
	"OTHER_REGION": "That city is in another region. Recall the transfer first.", "PENDING": "Waiting for the region's ledger. Please refresh shortly.",
	"REGION_BACKLOG": "The region does not answer and too much is waiting. Take the matter in here for now.", "REGION_CUT_OFF": "The region does not answer. Please try again later.",
	"REGION_STARTING":    "The link to the region is starting; which cities are in it is not known yet. Try again shortly, and take in here what is urgent.",
	"NO_SEATS":           "An office of coordination has no seats to lend or to be helped: choose a city.",
	"TRANSFER_UNDER_WAY": "This order is being handed over. Please wait.", "VERSION": "The region's rules have changed meanwhile. Change the newest version.",
	"WRONG_TIME": "The times don't fit: the end must be later than the start and than now, and at most 30 days on.",
	// The city's house.
	"DIRECTORY_EXISTS": "The city has a directory already; change it entry by entry.", "KEYS_EXIST": "The city has keys already; rotate them instead.",
	"KEY_IN_USE": "The key in use can't be dropped. Rotate first.", "NOT_REPLACEABLE": "A year whose holidays hold already is not replaced.",
	"UNIT_HAS_CHILDREN": "The unit has units below it in use. Retire or move these first.", "VERSION_CHANGED": "Somebody wrote a newer version meanwhile. Refresh and change that one.",
	// The national list.
	"CUT_OVER": "This number was cut over; its earlier figures stay.", "DRAFT_OPEN": "Another draft is open. Publish or withdraw it first.",
	"EMERGENCY_NUMBER": "This is an emergency line and takes no part.", "ENTRY_REMOVED": "Entries of the list are never removed; merge the number whole instead.",
	"HOTLINE_ITSELF": "12345 is the hotline itself.", "LIST_CHAIN": "The version does not follow the one before it.", "LIST_FORGED": "The list was refused: its signature or chain does not hold.",
	"LIST_GAP": "A version is missing in between. Receive that first.", "LIST_ROLLBACK": "A published version can't be replaced or taken back.",
	"LOCAL_MUST_MERGE": "A hotline of the place itself can only be merged whole.", "LOOSER_THAN_LIST": "The list asks for more than that.",
	"NEVER_BACK": "A merge never goes back, only on.", "NOT_ADOPTED": "Decide first how the number is merged.", "NOT_CUT_OVER": "The number was not cut over yet.",
	"NOT_READY": "This can't be cut over yet.", "NOT_THE_ANNEX": "The first version must be the annex.", "NO_CHANGE": "Nothing has changed.",
	"NO_CONFIRMATION": "This step needs no second person.", "NO_FIGURES": "There are no figures yet.", "NO_LIST": "The national list has not come here yet.",
	"NO_NEW_PURPOSE": "Cities name and use a number as the list does; a new purpose needs an exception.", "NO_NEW_TITLE": "Cities name a number as the list does; a new name needs an exception.",
	"NO_NEW_NUMBER": "No new hotline numbers may be founded. Ask the State Council's office for an exception.", "NO_OFFICE_KEY": "Only the office signs lists; this platform receives them.",
	"NO_PROMPT": "Set the voice prompt first.", "PROMPT_ENDED": "The last day of the voice prompt has passed. Extend it.",
	"PROMPT_SILENT": "The voice prompt does not tell callers to dial 12345.", "NO_LINE": "A number that keeps its seats needs the line of these.",
	"NOT_TESTED": "Nobody else has made a test call since the route was set.", "TEST_FAILED": "The last test call did not connect.",
	"ROUTE_CHANGED": "The route was changed after the test call. Test it again.", "NO_PLAN": "There is no plan yet.",
	"UNCONFIRMED":      "A second person has to confirm this first.",
	"STEP_UNCONFIRMED": "A second person has not confirmed this step yet.", "NO_ROUTE": "Set the route first.", "NUMBER_CANCELLED": "The number is cancelled and does not come back.",
	"NUMBER_KNOWN": "The number is in the register already.", "PLAN_RUNNING": "The plan is being carried out: change it step by step.",
	"PROGRESS_UNREADABLE": "The progress that was reported can't be read.", "SAME_PERSON": "A second person must confirm this.", "SERVICE_DROPPED": "The service got worse. Mend that, then measure again.",
	"FINGERPRINT_DIFFERS": "Your fingerprint is not that of the key that came. Do not adopt it; call the State Council's office at once.", "KEY_CHAIN": "The change of keys does not follow the one before it.",
	"KEY_FORGED": "The change of keys was refused: its signatures do not hold.", "KEY_GAP": "A change of keys is missing in between. Receive that first.",
	"KEY_ROLLBACK": "A change of keys can't be replaced or taken back.", "LIST_KEY_REPLACED": "This was signed with a key that has been replaced. Draft and sign it anew.",
	"NOTHING_TO_CONFIRM": "No change of keys waits for a second person.", "NOT_YOURS": "What came is not this sender’s business and was not believed.", "NO_COLUMN": "The list names no such authority. Write it as the list does.",
	"NO_MINISTRY": "A ministry’s code is 1001 and two digits.", "OLD_KEY_AWAY": "The old key can't sign. If it is lost or damaged, withdraw this and propose the change as a loss.",
	"PROPOSAL_OPEN": "A change of keys is proposed already. A second person settles it, or it is withdrawn, first.", "PUBLISHING": "The draft is being published. Publish it once more to finish; it can't be withdrawn.",
	"REPORT_UNREADABLE": "The report can't be read.",
	"REVIEWED":          "A second person has reviewed this already; it stays as it is.",
	"STEP_DONE":         "This step is done already.", "STEP_OPEN": "This step is not done yet.", "STEP_WAITS": "Another step comes first.",
	"USE_ADOPT": "Carry out the list first.", "USE_CUT_OVER": "Use the cut-over, which checks what is needed.", "USE_PROMOTE": "Use the promotion for this.", "VERSION_TAKEN": "The list has moved on. Withdraw this draft and start from the newest version.",
}
