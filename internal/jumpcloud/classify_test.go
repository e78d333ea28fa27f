package jumpcloud_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

const loginPage = "<!DOCTYPE html><html>log in</html>"

// TestClasses is the table of what an answer means for a read and for a mutating call.
func TestClasses(t *testing.T) {
	const (
		unknown     = jumpcloud.Unknown
		notSent     = jumpcloud.NotSent
		refused     = jumpcloud.Refused
		rateLimited = jumpcloud.RateLimited
		unavailable = jumpcloud.Unavailable
		auth        = jumpcloud.Auth
	)
	for name, test := range map[string]struct {
		handler      http.HandlerFunc
		read, mutate jumpcloud.Class
		possiblyAuth [2]bool // of the read, of the mutating call
	}{
		"400":            {answers(400, ""), refused, refused, [2]bool{}},
		"401":            {answers(401, ""), auth, auth, [2]bool{true, true}},
		"403":            {answers(403, ""), refused, refused, [2]bool{}},
		"404":            {answers(404, ""), refused, refused, [2]bool{}},
		"408":            {answers(408, ""), unavailable, unknown, [2]bool{}},
		"409":            {answers(409, ""), refused, refused, [2]bool{}},
		"413":            {answers(413, ""), refused, refused, [2]bool{}},
		"422":            {answers(422, ""), refused, refused, [2]bool{}},
		"429":            {answers(429, ""), rateLimited, rateLimited, [2]bool{}},
		"500":            {answers(500, ""), unavailable, unknown, [2]bool{}},
		"502":            {answers(502, "upstream connect error"), unavailable, unknown, [2]bool{}},
		"503":            {answers(503, "", "Retry-After", "60"), unavailable, unknown, [2]bool{}},
		"504":            {answers(504, "", "Retry-After", "60"), unavailable, unknown, [2]bool{}},
		"302 to login":   {answers(302, "", "Location", "/login"), notSent, notSent, [2]bool{true, true}},
		"307 elsewhere":  {answers(307, "", "Location", "https://elsewhere.test/"), notSent, notSent, [2]bool{true, true}},
		"304":            {answers(304, ""), notSent, notSent, [2]bool{true, true}},
		"login page":     {answers(200, loginPage, "Content-Type", "text/html"), unavailable, unknown, [2]bool{true, false}},
		"text":           {answers(200, "OK"), unavailable, unknown, [2]bool{true, false}},
		"empty":          {answers(200, ""), unavailable, unknown, [2]bool{}},
		"cut-off JSON":   {answers(200, `{"jobId":"x`), unavailable, unknown, [2]bool{}},
		"other JSON":     {answers(200, `{"message":"welcome"}`), unavailable, unknown, [2]bool{}},
		"array":          {answers(200, `[]`), unavailable, unknown, [2]bool{}},
		"null":           {answers(200, `null`), unavailable, unknown, [2]bool{}},
		"cut-off answer": {answers(200, `{`, "Content-Length", "1000"), unavailable, unknown, [2]bool{}},
		"no answer":      {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, unavailable, unknown, [2]bool{}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				client, _ := serveInMemory(t, test.handler)
				_, err := client.GetUser(t.Context(), "u")
				g.Expect(jumpcloud.ClassOf(err)).To(Equal(test.read), "read: %v", err)
				g.Expect(jumpcloud.PossiblyAuth(err)).To(Equal(test.possiblyAuth[0]), "read")

				client, rec := serveInMemory(t, test.handler)
				err = startSomeJob(t.Context(), client, soon())
				g.Expect(jumpcloud.ClassOf(err)).To(Equal(test.mutate), "mutating call: %v", err)
				g.Expect(jumpcloud.PossiblyAuth(err)).To(Equal(test.possiblyAuth[1]), "mutating call")
				g.Expect(rec.all()).To(HaveLen(1), "a mutating call is never repeated")
			})
		})
	}
}

func TestOnlyListOrganizationsProvesRejection(t *testing.T) {
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		class   jumpcloud.Class
	}{
		"401":                         {answers(401, ""), jumpcloud.Auth},
		"302 to login":                {answers(302, "", "Location", "/login"), jumpcloud.Auth},
		"302 to login, absolute":      {answers(302, "", "Location", "https://console.test/login?next=%2F"), jumpcloud.Auth},
		"302 to a maintenance notice": {answers(302, "", "Location", "/maintenance"), jumpcloud.NotSent},
		"login page":                  {answers(200, loginPage), jumpcloud.Unavailable},
		"403":                         {answers(403, ""), jumpcloud.Refused},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			client, _ := serve(t, test.handler)
			_, err := client.ListOrganizations(t.Context())
			g.Expect(jumpcloud.ClassOf(err)).To(Equal(test.class), "%v", err)
		})
	}
}

// If redirects were followed, net/http would send x-api-key to the other host.
func TestRedirectsAreNotFollowed(t *testing.T) {
	g := NewWithT(t)
	_, elsewhere := serve(t, aUser)
	other := httptest.NewServer(elsewhere)
	t.Cleanup(other.Close)
	client, rec := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
	})
	_, err := client.GetUser(t.Context(), "u")
	g.Expect(err).To(HaveOccurred())
	g.Expect(startSomeJob(t.Context(), client, soon())).NotTo(Succeed())
	g.Expect(rec.all()).To(HaveLen(2))
	g.Expect(elsewhere.all()).To(BeEmpty())
}

// JumpCloud does not document what some answers contain.
func TestAnswersThatNobodyReads(t *testing.T) {
	for body, class := range map[string]jumpcloud.Class{
		"": -1, "OK": -1, `"OK"`: -1, `{}`: -1, loginPage: jumpcloud.Unknown,
	} {
		g := NewWithT(t)
		client, _ := serve(t, answers(200, body))
		for _, err := range []error{
			client.DeleteUserGroup(t.Context(), soon(), "g"),
			client.CancelScheduledStates(t.Context(), soon(), "s"),
			client.DeleteUser(t.Context(), soon(), "u", jumpcloud.DeleteUserOptions{}),
		} {
			if class < 0 {
				g.Expect(err).NotTo(HaveOccurred(), body)
			} else {
				g.Expect(err).To(HaveOccurred(), body)
				g.Expect(jumpcloud.ClassOf(err)).To(Equal(class), body)
			}
		}
	}
}

func TestForeignErrorsAreUnknown(t *testing.T) {
	g := NewWithT(t)
	g.Expect(jumpcloud.ClassOf(io.EOF)).To(Equal(jumpcloud.Unknown))
	g.Expect(jumpcloud.ClassOf(fmt.Errorf("pass: %w", &jumpcloud.Error{Class: jumpcloud.NotSent}))).To(Equal(jumpcloud.NotSent))
	g.Expect(jumpcloud.IsNotFound(io.EOF)).To(BeFalse())
	g.Expect(jumpcloud.PossiblyAuth(nil)).To(BeFalse())
	g.Expect(jumpcloud.Class(9).String()).To(Equal("Class(9)"))
}

func TestErrorTexts(t *testing.T) {
	g := NewWithT(t)
	client, _ := serve(t, sequence(answers(404, `{"message":"Not Found"}`), answers(400, ""), answers(500, "")))
	_, err := client.GetUser(t.Context(), "u")
	g.Expect(err).To(MatchError("GetUser: GET /systemusers/{id}: Refused: 404 Not Found"))
	g.Expect(jumpcloud.IsNotFound(err)).To(BeTrue())
	g.Expect(startSomeJob(t.Context(), client, soon())).To(MatchError("StartBulkCreate: POST /bulk/users: Refused: 400 Bad Request"))
	g.Expect(startSomeJob(t.Context(), client, soon())).To(MatchError("StartBulkCreate: POST /bulk/users: Unknown: 500 Internal Server Error"))
	g.Expect(startSomeJob(t.Context(), client, jumpcloud.Submission{})).
		To(MatchError("StartBulkCreate: POST /bulk/users: NotSent: the deadline for sending has passed"))
}

// Whatever a server answers, and however a connection breaks, an error must show nothing of
// the credentials, the request or the answer.
func TestErrorsHoldNothingOfTheRequestOrTheAnswer(t *testing.T) {
	const private = "hunter2-private"
	quoted := `{"message":"` + private + " " + testKey + `"}`
	handlers := map[string]http.HandlerFunc{
		"400":  answers(400, quoted),
		"401":  answers(401, quoted),
		"429":  answers(429, quoted),
		"500":  answers(500, quoted),
		"302":  answers(302, quoted, "Location", "/"+private+"/"+testKey),
		"text": answers(200, private),
		"JSON": answers(200, `{"_id":{"`+private+`":1},"jobId":{"`+private+`":1},"totalCount":"`+private+`"}`),
		"none": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"not HTTP": func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			_, _ = io.WriteString(conn, private+" "+private+"\r\n\r\n")
			_ = conn.Close()
		},
		"bad header": func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n"+private+"\r\n\r\n")
			_ = conn.Close()
		},
	}
	for name, handler := range handlers {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				client, _ := serveInMemory(t, handler)
				var failures []error
				_, err := client.StartBulkCreate(t.Context(), soon(), []jumpcloud.BulkUserCreate{{Password: private}}, jumpcloud.BulkCreateOptions{})
				failures = append(failures, err)
				_, err = client.GetUser(t.Context(), private)
				failures = append(failures, err)
				filter := []jumpcloud.Condition{{Field: "username", Operator: jumpcloud.Equal, Value: private}}
				for _, err := range client.UserPages(t.Context(), jumpcloud.UserListOptions{Filter: filter}) {
					failures = append(failures, err)
				}
				g.Expect(failures).To(HaveLen(3))
				for _, err := range failures {
					for ; err != nil; err = errors.Unwrap(err) {
						for _, secret := range []string{private, testKey} {
							g.Expect(err.Error()).NotTo(ContainSubstring(secret))
							if _, ok := errors.AsType[*jumpcloud.Error](err); !ok {
								g.Expect(fmt.Sprintf("%#v", err)).NotTo(ContainSubstring(secret))
							}
						}
					}
				}
				created, _ := errors.AsType[*jumpcloud.Error](failures[0])
				g.Expect(created.Message()).NotTo(Or(ContainSubstring(private), ContainSubstring(testKey)))
			})
		})
	}
}

func TestMessages(t *testing.T) {
	const password = `pa"ss<word>`
	long := strings.Repeat("é", 200)
	for name, test := range map[string]struct{ body, contentType, message string }{
		"message":             {`{"message":"Not Found"}`, "", "Not Found"},
		"message over error":  {`{"error":"Unauthorized","message":"Unauthorized: api key user not found"}`, "", "Unauthorized: api key user not found"},
		"error":               {`{"error":"INVALID_ARGUMENT"}`, "", "INVALID_ARGUMENT"},
		"details":             {`{"code":400,"message":"Password validation fail","details":[{"field":"password"}]}`, "", "Password validation fail"},
		"object as a message": {`{"message":{"text":"x"},"error":"y"}`, "", "y"},
		"text":                {"upstream\r\nconnect\terror\x00", "", "upstream connect error"},
		"page":                {loginPage, "", ""},
		"page by its type":    {"log in", "text/html; charset=utf-8", ""},
		"empty":               {"", "", ""},
		"cut-off JSON":        {`{"message":"x`, "", ""},
		"long":                {`{"message":"` + long + `"}`, "", strings.Repeat("é", 128)},
		"key":                 {`{"message":"bad key ` + testKey + `"}`, "", "bad key ***"},
		"password":            {`{"message":"pa\"ss<word> is weak"}`, "", "*** is weak"},
		"password within JSON within text": {
			`{"message":"row {\"password\":\"pa\\\"ss\\u003cword\\u003e\"} is bad"}`, "", `row {"password":"***"} is bad`},
		"password at the cut": {
			`{"message":"` + strings.Repeat("x", 250) + ` pa\"ss<word>"}`, "", strings.Repeat("x", 250) + " ***"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			client, _ := serve(t, answers(400, test.body, "Content-Type", test.contentType))
			_, err := client.StartBulkCreate(t.Context(), soon(), []jumpcloud.BulkUserCreate{{Password: password}}, jumpcloud.BulkCreateOptions{})
			failure, ok := errors.AsType[*jumpcloud.Error](err)
			g.Expect(ok).To(BeTrue())
			g.Expect(failure.Message()).To(Equal(test.message))
		})
	}
}

func TestCleanMessageMasksTheLongestSecret(t *testing.T) {
	g := NewWithT(t)
	g.Expect(jumpcloud.CleanMessage("abcdef abc", "", "abc", "abcdef")).To(Equal("*** ***"))
	g.Expect(jumpcloud.CleanMessage("two  blanks in a secret", "two  blanks")).To(Equal("*** in a secret"))
	g.Expect(jumpcloud.CleanMessage("a\xff\u2028b")).To(Equal("a b"))
}

func TestTheClientPrintsNoSecret(t *testing.T) {
	g := NewWithT(t)
	account := jumpcloud.ServiceAccount(jumpcloud.ServiceAccountOptions{
		TokenURL: "https://token.test/", ClientID: "id", ClientSecret: testKey,
	})
	for _, credentials := range []jumpcloud.Credentials{jumpcloud.APIKey(testKey), account} {
		client := newClient(t, "https://jumpcloud.test", func(o *jumpcloud.Options) { o.Credentials = credentials })
		options := jumpcloud.Options{Credentials: credentials}
		row := jumpcloud.BulkUserCreate{Password: testKey}
		for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
			for _, value := range []any{client, *client, credentials, options, row} {
				g.Expect(fmt.Sprintf(format, value)).NotTo(ContainSubstring(testKey), "%T", value)
			}
		}
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	good := jumpcloud.Options{BaseURL: "https://console.jumpcloud.com", Credentials: jumpcloud.APIKey("k")}
	for name, spoil := range map[string]func(*jumpcloud.Options){
		"no URL":          func(o *jumpcloud.Options) { o.BaseURL = "" },
		"no scheme":       func(o *jumpcloud.Options) { o.BaseURL = "console.jumpcloud.com" },
		"other scheme":    func(o *jumpcloud.Options) { o.BaseURL = "ftp://console.jumpcloud.com" },
		"user in URL":     func(o *jumpcloud.Options) { o.BaseURL = "https://a:secret@console.jumpcloud.com" },
		"query in URL":    func(o *jumpcloud.Options) { o.BaseURL = "https://console.jumpcloud.com?secret" },
		"no credentials":  func(o *jumpcloud.Options) { o.Credentials = nil },
		"empty key":       func(o *jumpcloud.Options) { o.Credentials = jumpcloud.APIKey("") },
		"key with a line": func(o *jumpcloud.Options) { o.Credentials = jumpcloud.APIKey("secret\nkey") },
		"organization":    func(o *jumpcloud.Options) { o.OrganizationID = "secret\n" },
		"token URL": func(o *jumpcloud.Options) {
			o.Credentials = jumpcloud.ServiceAccount(jumpcloud.ServiceAccountOptions{ClientID: "a", ClientSecret: "secret"})
		},
		"no secret": func(o *jumpcloud.Options) {
			o.Credentials = jumpcloud.ServiceAccount(jumpcloud.ServiceAccountOptions{TokenURL: "https://token.test", ClientID: "a"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			options := good
			spoil(&options)
			_, err := jumpcloud.New(options)
			g.Expect(err).To(HaveOccurred())
			g.Expect(err.Error()).NotTo(ContainSubstring("secret\n"))
			g.Expect(err.Error()).NotTo(ContainSubstring("a:secret"))
		})
	}
	_, err := jumpcloud.New(good)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
}
