# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Boots the guest in QEMU under software emulation (never KVM) and carries its output out.

# boot IMAGE RUN INIT MEMORY LIMIT MODE INTERACTIVE REBOOT TAP THREADS
#
# RUN is a folder with overlay.img; afterwards it has verdict, results.tar, denials.log and console.log.
# Fails when the machine had to be killed at the limit.
boot() {
    local image=$1 run=$2 init=$3 memory=$4 limit=$5 mode=$6 interactive=$7 reboot=$8 tap=$9 threads=${10}
    local -a ports=(output errors verdict results denials)
    # Landlock beside SELinux; Debian's own default would be AppArmor.
    local modules=landlock,lockdown,yama,selinux,bpf
    local -a kernel=(
        console=ttyS0 loglevel=5 panic=-1
        # No record may be dropped: none is rate-limited, the queue and the log are large.
        audit_backlog_limit=65536 sysctl.kernel.printk_ratelimit=0 log_buf_len=32M
        mitigations=off
    )
    case $mode in
        enforcing) kernel+=(enforcing=1) ;;
        permissive) kernel+=(enforcing=0) ;;
        disabled) modules=${modules/selinux,/} ;;
    esac
    kernel+=(lsm=$modules)
    [[ $init == script ]] || kernel+=(systemd.wants=guest-session.service TERM=dumb)
    local -a machine=(
        qemu-system-x86_64 -machine q35 -accel "tcg,thread=$threads" -cpu max -smp 2 -m "$memory"
        -nodefaults -no-user-config -display none -monitor none
        -kernel "$image/vmlinuz" -initrd "$image/initrd" -append "${kernel[*]}"
        -serial "file:$run/console.log"
        -drive "file=$image/system.img,format=raw,if=virtio,snapshot=on"
        -drive "file=$run/overlay.img,format=raw,if=virtio,cache=unsafe"
        -device virtio-rng-pci -device virtio-serial-pci
    )

    [[ -z $tap ]] || machine+=(
        -netdev "tap,id=wire,ifname=$tap,script=no,downscript=no" -device virtio-net-pci,netdev=wire
    )

    # The disks keep what was written to them as long as QEMU runs.
    ((reboot)) || machine+=(-no-reboot)

    : >"$run/verdict"
    local port file
    for port in "${ports[@]}"; do
        file=$run/$port
        [[ $port != denials ]] || file=$run/denials.log
        [[ $port != results ]] || file=$run/results.tar
        machine+=(-chardev "file,id=$port,path=$file" -device "virtserialport,chardev=$port,name=$port")
    done
    local input=/dev/null
    if [[ $interactive == 1 ]]; then
        machine+=(-chardev "stdio,id=terminal,signal=off" -device "virtconsole,chardev=terminal")
        input=/dev/stdin
    fi

    # The command's output is passed on while it is written. Both ends are held open here, so that neither a
    # reader nor QEMU waits for the other for ever.
    mkfifo "$run/output" "$run/errors"
    local output errors
    exec {output}<>"$run/output" {errors}<>"$run/errors"
    cat "$run/output" {output}>&- {errors}>&- &
    local readers=$!
    cat "$run/errors" {output}>&- {errors}>&- >&2 &
    readers+=" $!"

    # The guest ends a command at the limit by itself; this is for a machine that cannot even do that.
    local ended=0
    TMPDIR=$run timeout --foreground -k 5 "$((limit + 30))" "${machine[@]}" \
        <"$input" 2>"$run/qemu.log" {output}>&- {errors}>&- &
    machine_pid=$!
    wait "$machine_pid" || ended=$?
    machine_pid=''
    exec {output}>&- {errors}>&-
    # shellcheck disable=SC2086  # two process ids
    wait $readers || true
    [[ $ended == 0 ]]
}
