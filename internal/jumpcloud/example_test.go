package jumpcloud_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

func ExampleClient_StartBulkCreate() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"jobId":"65f1c0ffee65f1c0ffee0001"}`)
	}))
	defer server.Close()
	ctx := context.Background()

	client, err := jumpcloud.New(jumpcloud.Options{
		BaseURL:     server.URL,
		Credentials: jumpcloud.APIKey("key"),
		Limiter:     jumpcloud.NewLimiter(10, 20),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.CloseIdleConnections()

	// A call that the limiter would hold back must not count as an attempt: admission comes
	// before the intent.
	admission, err := client.Admit(ctx, jumpcloud.Normal)
	if err != nil {
		fmt.Println(err)
		return
	}
	intended := time.Now() // Recorded here, where a new process finds it.
	users := []jumpcloud.BulkUserCreate{{UserAttributes: jumpcloud.UserAttributes{
		Username: new("ada.byron"),
		Email:    new("ada@example.org"),
		State:    new(jumpcloud.StateStaged),
	}}}
	id, err := client.StartBulkCreate(ctx,
		jumpcloud.Submission{Admission: admission, Deadline: intended.Add(40 * time.Second)},
		users, jumpcloud.BulkCreateOptions{SuppressEmail: true})
	switch {
	case err == nil:
		fmt.Println("job", id)
	case jumpcloud.ClassOf(err) == jumpcloud.Unknown:
		fmt.Println("look at the users before anything else")
	default:
		fmt.Println("nothing was processed:", err)
	}
	// Output: job 65f1c0ffee65f1c0ffee0001
}
