package lifecycle

import (
	"strconv"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// inOneBucketWith returns another key of the same bucket, which begins with the prefix.
func inOneBucketWith(key, prefix string) (rest string) {
	for i := 0; identityBucket(prefix+rest) != identityBucket(key); i++ {
		rest = strconv.Itoa(i)
	}
	return rest
}

func TestKeysOfOneBucketAreNotOneKey(t *testing.T) {
	g := NewWithT(t)
	ada := member("it/ada", "it/acme")
	other := inOneBucketWith("username ada", "username ")
	w := userWaker(t, ada, member("hr/ada", "it/acme"), member("hr/"+other, "it/acme"))
	g.Expect(found(t.Context(), w.rivals, ada, ada)).To(HaveEach("hr/ada"))

	other = inOneBucketWith("a", "")
	type changes = []func(*v1alpha1.BulkUserImport)
	owners := ownersOf(t, anOrganization(), contestants(changes{keys("a")}, changes{keys(other)}, changes{keys("a " + other)}))
	g.Expect(owners).To(Equal([]string{"", "", "object-0"}))
}
