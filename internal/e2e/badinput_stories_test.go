package e2e

import "maps"

// badInputs are the stories of docs/bad-input.md, by what is wrong.
func badInputs() map[string]func(*badWorld) {
	all := map[string]func(*badWorld){}
	for _, some := range []map[string]func(*badWorld){
		badFiles(), badSources, badOrganizations, badPlans, badRows, badAnswers, badMoments,
	} {
		maps.Copy(all, some)
	}
	return all
}
