package continuous

import (
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/types"
)

func TestMessagesNameWhatALookFound(t *testing.T) {
	g := NewWithT(t)
	group := Wording{
		Kind: "UserGroup", Noun: "group", One: "group named", All: "groups named", Attribute: "name",
		Another: "Choose another name", Yield: "wait until it has another one",
	}
	owner := types.NamespacedName{Namespace: "team", Name: "first"}
	for want, f := range map[string]Finding{
		`JumpCloud has 6 groups named "crew": 1, 2, 3, 4, 5. Rename or delete all but one of them.`: {
			Result: Several, Name: "crew", IDs: []string{"1", "2", "3", "4", "5", "6"},
		},
		`JumpCloud has a group named "crew" already (1), and spec.adoptionPolicy is Never. Choose another name, or allow the adoption.`: {
			Result: Refused, Name: "crew", IDs: []string{"1"},
		},
		`The group named "crew" (1) belongs to UserGroup team/first. Choose another name, or wait until it has another one.`: {
			Result: Owned, Name: "crew", IDs: []string{"1"}, Owner: owner,
		},
		`JumpCloud has no group named "crew" (case counts), and spec.adoptionPolicy is MustExist. Correct spec.name, or set IfExists to have it created. ` +
			`It is looked for at every resync.`: {Result: Missing, Name: "crew"},
		`JumpCloud's answer to the creation of the group "crew" was lost. The operator searches until the outcome is certain.`: {
			Result: Settling, Name: "crew",
		},
		`JumpCloud shows no group named "crew", and has a group whose name or id cannot be read: it may be that one. Correct that group in JumpCloud.`: {
			Result: Hidden, Name: "crew",
		},
	} {
		g.Expect(group.Explain(f)).To(Equal(want))
	}
}
