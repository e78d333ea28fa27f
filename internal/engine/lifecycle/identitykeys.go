package lifecycle

import (
	"hash/fnv"
	"strconv"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

// IdentityKeysField is the index of the objects that may have an identity key: see Contender.
// Its values are buckets of keys. Few objects have a key in common, and the cache keeps two
// sets for each value: for ten thousand Users, sets for each key would take more memory than
// the Users.
const IdentityKeysField = "identityKeys"

// identityBuckets is how many buckets there are.
const identityBuckets = 1 << 12

// IdentityBuckets returns the values of IdentityKeysField for an object with these identity
// keys.
func IdentityBuckets(keys []string) []string {
	buckets := make([]string, len(keys))
	for i, key := range keys {
		buckets[i] = identityBucket(key)
	}
	return buckets
}

func identityBucket(key string) string {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(key)) // never fails
	return strconv.Itoa(int(hash.Sum32() % identityBuckets))
}

// inBucketOf selects the objects that may have an identity key. Their Contender says whether
// they have it.
func inBucketOf(key string) client.ListOption {
	return client.MatchingFields{IdentityKeysField: identityBucket(key)}
}
