package history

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"regexp"
	"strings"
	"testing"

	"github.com/ClickHouse/ch-go/proto"
)

// TestNoParameterTravels: what the engine sends to a shard has values where the mining
// queries have parameters, also within view( ), which a shard could not fill in. The shard
// is a listener of ours that takes down the first query of each connection, by which the
// engine asks for the columns of the view, and hangs up.
func TestNoParameterTravels(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	asked := make(chan string, 100)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go takeDown(conn, asked)
		}
	}()
	conn := newConn(t)
	c := newShard(t, conn)
	const metric, name = "what is asked for", `an 'odd\name`
	q := EffectQuery{Metric: metric, Experiments: []string{name}, AllSegments: true}
	params := append(miningParams(q), param("plain", []string{name}))
	params = append(params, (&caps{measures: []uint64{424242}, values: []float64{17.25}}).params()...)
	for _, s := range mining {
		onShard, err := c.onShard(s)
		if err != nil {
			t.Fatal(err)
		}
		sql := s.merged(fmt.Sprintf("remote('%s', view(SELECT * FROM (\n%s\n) WHERE '%s' != ''))", listener.Addr(), onShard, lastWords))
		if err = conn.Exec(context.Background(), sql, params...); err == nil {
			t.Fatal("a shard that hangs up has answered")
		}
		select {
		case got := <-asked:
			if left := regexp.MustCompile(`\{\w+:`).FindString(got); left != "" || !strings.Contains(got, `an \'odd\\name`) {
				t.Errorf("%v: a shard is asked with %q left:\n%s", s.steps, left, got)
			}
		default: // what was refused before a shard was asked
			t.Fatalf("%v: no shard is asked: %v", s.steps, err)
		}
		for len(asked) > 0 { // tries again
			<-asked
		}
	}
}

// lastWords end what a shard is asked.
const lastWords = "what comes last"

// takeDown speaks ClickHouse's own protocol up to the first query.
func takeDown(conn net.Conn, asked chan<- string) {
	defer conn.Close()
	const revision = 54450 // before addenda to greetings
	r := proto.NewReader(conn)
	for {
		code, err := r.UVarInt()
		if err != nil {
			return
		}
		var b proto.Buffer
		switch proto.ClientCode(code) {
		case proto.ClientCodeHello:
			var hello proto.ClientHello
			if hello.Decode(r) != nil {
				return
			}
			(&proto.ServerHello{Name: "shard", Major: 26, Revision: revision, Timezone: "UTC", DisplayName: "shard"}).EncodeAware(&b, revision)
		case proto.ClientCodePing:
			proto.ServerCodePong.Encode(&b)
		case proto.ClientCodeQuery:
			var text []byte
			for some := make([]byte, 4096); !bytes.Contains(text, []byte(lastWords)); {
				n, err := r.Read(some)
				if text = append(text, some[:n]...); err != nil {
					return
				}
			}
			asked <- string(text)
			return
		}
		if _, err := conn.Write(b.Buf); err != nil {
			return
		}
	}
}
