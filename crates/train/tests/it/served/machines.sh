# Two machines, as two network namespaces with a cable between them. $TRAIN is the program, and $CUT says for how many
# seconds the cable is pulled at least.
set -eu
ip link set lo up
ip link add name here type veth peer name there
unshare --net sleep 100000 < /dev/null > /dev/null 2>&1 &
other=$!
until [ "$(readlink /proc/$other/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do sleep 0.1; done
ip link set there netns $other
there() { nsenter --target $other --net "$@"; }
ip address add 10.9.0.1/24 dev here
ip link set here up
there ip link set lo up
there ip address add 10.9.0.2/24 dev there
there ip link set there up
for port in 3000 3001; do
    nsenter --target $other --net $TRAIN serve-device --listen 10.9.0.2:$port < /dev/null > server-$port 2>&1 &
    servers="${servers:-} $!"
done
trap 'kill $servers $other' EXIT
for port in 3000 3001; do
    until grep -q remote:ws:// server-$port; do sleep 0.1; done
done

# One run ends when the cable is pulled, the other goes on by itself when it is put back.
sizes="--vocab 5 --length 4 --layers 1 --d-model 16 --d-ff 24 --heads 2 --batch-size 12 --batches-per-epoch 5"
device=remote:ws://10.9.0.2
$TRAIN copy --out whole --device $device:3000 $sizes --steps $STEPS < /dev/null > whole.txt 2>&1
$TRAIN copy --out ends --device $device:3000 $sizes --steps 1000000 --timeout 5 < /dev/null > ends.txt 2>&1 &
ends=$!
$TRAIN copy --out goes --device $device:3001 $sizes --steps $STEPS --timeout 5 --retry 1000 < /dev/null > goes.txt 2>&1 &
goes=$!
for run in ends goes; do
    until ls $run/checkpoints 2> /dev/null | grep -qv '^step-0$'; do sleep 0.05; done
done
ip link set here down
sleep $CUT
code=0
wait $ends || code=$?
echo "the first run ended with $code: $(tail -n 1 ends.txt)"
until grep -q 'this is tried by itself' goes.txt; do sleep 0.1; done
ip link set here up
code=0
wait $goes || code=$?
echo "the second run ended with $code"
