<#
Makes .venv and installs what the lock names; does nothing when that is already done. The Windows sibling of setup.sh.

    powershell -ExecutionPolicy Bypass -File tools\setup.ps1 run     what duban itself needs
    powershell -ExecutionPolicy Bypass -File tools\setup.ps1 test    the same and the tools of the tests

Then: .venv\Scripts\duban ...   and   .venv\Scripts\python -m pytest -n 2
#>
param([ValidateSet('run', 'test')][string]$Mode = 'test')
$ErrorActionPreference = 'Stop'
Set-Location (Join-Path $PSScriptRoot '..')

$Venv = '.venv'
$Python = Join-Path $Venv 'Scripts\python.exe'
$Locks = @{ run = 'requirements.lock'; test = 'requirements-test.lock' }
$Uv = Get-Command uv -ErrorAction SilentlyContinue

function Get-Stamp([string[]]$Files) {
    (@((Get-Location).Path) + ($Files | ForEach-Object { (Get-FileHash $_).Hash })) -join ' '
}

function Test-Stamp([string]$Name, [string]$Stamp) {
    $file = Join-Path $Venv $Name
    (Test-Path $Python) -and (Test-Path $file) -and ((Get-Content $file -Raw -Encoding utf8).Trim() -eq $Stamp)
}

function Test-Ready([string]$Name) {
    Test-Stamp "ready-$Name" (Get-Stamp $Locks[$Name], 'tools\setup.ps1')
}

function Invoke-Checked([string]$Program, [string[]]$Arguments) {
    & $Program @Arguments
    if ($LASTEXITCODE -ne 0) { throw "set-up: $Program $($Arguments -join ' ') failed with code $LASTEXITCODE" }
}

# The first of these that is Python 3.11 or newer: %PYTHON%, the py launcher's newest, python on the PATH.
function Find-Python {
    foreach ($candidate in @($env:PYTHON, 'py', 'python', 'python3')) {
        if (-not $candidate -or -not (Get-Command $candidate -ErrorAction SilentlyContinue)) { continue }
        $probe = 'import sys; print(sys.executable if sys.version_info >= (3, 11) else str())'
        try { $found = & $candidate -c $probe 2>$null } catch { continue }
        if ($found) { return $found }
    }
    throw 'set-up: Python 3.11 or newer is needed. Install it from your software centre or python.org, or set PYTHON.'
}

function Add-Packages([string[]]$Arguments) {
    if ($Uv) { Invoke-Checked 'uv' (@('pip', 'install', '--quiet', '--python', $Python) + $Arguments) }
    else { Invoke-Checked $Python (@('-m', 'pip', 'install', '--quiet', '--disable-pip-version-check') + $Arguments) }
}

function Add-Project {
    Add-Packages @('--no-deps', '--no-build-isolation', '-e', '.')
    Set-Content (Join-Path $Venv 'linked') (Get-Stamp 'pyproject.toml') -Encoding utf8
}

function Install-Locked {
    Write-Host "set-up: making $Venv from $($Locks[$Mode]), once"
    if (Test-Path $Venv) { Remove-Item $Venv -Recurse -Force }
    $base = Find-Python
    if ($Uv) { Invoke-Checked 'uv' @('venv', '--quiet', '--no-python-downloads', '--python', $base, $Venv) }
    else { Invoke-Checked $base @('-m', 'venv', $Venv) }
    Add-Packages @('--no-compile', '--no-deps', '--require-hashes', '-r', $Locks[$Mode]) # complete: nothing to resolve
    Add-Project
    Set-Content (Join-Path $Venv "ready-$Mode") (Get-Stamp $Locks[$Mode], 'tools\setup.ps1') -Encoding utf8
    Write-Host 'set-up: done'
}

if ((Test-Ready 'test') -or (Test-Ready $Mode)) {
    if (-not (Test-Stamp 'linked' (Get-Stamp 'pyproject.toml'))) { Add-Project }
}
else { Install-Locked }
