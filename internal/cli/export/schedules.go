package export

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// maxScheduled is the maximum number of users of one ScheduledUserState.
const maxScheduled = 1000

// event is a state that users get at a time.
type event struct {
	at    time.Time
	state v1alpha1.SchedulableState
}

// schedules writes one ScheduledUserState for each state and time: two objects that name the
// same user for the same time would compete.
func (m *maker) schedules() error {
	users := map[event][]v1alpha1.UserReference{}
	for i := range m.live.States {
		row := &m.live.States[i]
		e, reference, why := m.event(row)
		if why != "" {
			m.omit(fmt.Sprintf("scheduled job %s of user %s", row.ScheduledJobID, m.people.name(row.SystemUserID)), why)
			continue
		}
		users[e] = append(users[e], reference)
	}
	if len(users) > 0 {
		m.omit("all scheduled states", "whether activation mails are sent, which JumpCloud does not report")
	}
	for e, references := range users {
		byName := func(a, b v1alpha1.UserReference) int { return strings.Compare(a.String(), b.String()) }
		slices.SortFunc(references, byName)
		references = slices.Compact(references)
		number := 0
		for chunk := range slices.Chunk(references, maxScheduled) {
			name := numbered(strings.ToLower(string(e.state))+"-"+e.at.Format("20060102t150405z"), number)
			number++
			err := m.add("ScheduledUserState", "schedules", name, &v1alpha1.ScheduledUserState{Spec: v1alpha1.ScheduledUserStateSpec{
				OrganizationRef: m.reference(), Users: chunk, State: e.state, StartDate: e.at.Format(time.RFC3339),
			}})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// event returns what a row schedules and for whom, or why no object can state that.
func (m *maker) event(row *jumpcloud.ScheduledState) (e event, user v1alpha1.UserReference, why string) {
	states := map[jumpcloud.State]v1alpha1.SchedulableState{
		jumpcloud.StateSuspended: v1alpha1.SchedulableSuspended, jumpcloud.StateActivated: v1alpha1.SchedulableActivated,
	}
	e = event{row.ScheduledDate.UTC(), states[row.State]}
	user, known := m.people.find(row.SystemUserID)
	switch {
	case row.Unread != nil || e.state == "" || e.at.IsZero():
		why = "its state or date cannot be read"
	case !known:
		why = "the directory has no such user"
	case m.people[row.SystemUserID].Admin != nil:
		why = "the user is linked to an administrator, whom the operator never changes"
	}
	return e, user, why
}

// numbered returns a name, with a number from the second one on.
func numbered(name string, number int) string {
	if number == 0 {
		return name
	}
	return fmt.Sprintf("%s-%d", name, number+1)
}
