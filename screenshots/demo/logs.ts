/** What a ComfyUI prints as it starts and draws its first picture. */
export const COMFYUI_LOG = `Checkpoint files will always be loaded safely.
Total VRAM 22491 MB, total RAM 64309 MB
pytorch version: 2.9.1+cu128
Set vram state to: NORMAL_VRAM
Device: cuda:0 NVIDIA L4 : cudaMallocAsync
Using pytorch attention
Python version: 3.12.12
ComfyUI version: 0.8.2
ComfyUI frontend version: 1.35.9
[Prompt Server] web root: /opt/venv/lib/python3.12/site-packages/comfyui_frontend_package/static

Import times for custom nodes:
   0.0 seconds: /workspace/custom_nodes/websocket_image_save.py
   0.4 seconds: /workspace/custom_nodes/ComfyUI-KJNodes
   1.2 seconds: /workspace/custom_nodes/ComfyUI-Impact-Pack

Context impl SQLiteImpl.
Starting server

To see the GUI go to: http://0.0.0.0:8188
got prompt
model weight dtype torch.float8_e4m3fn, manual cast: torch.bfloat16
model_type FLUX
Requested to load FluxClipModel_
loaded completely 9319.23095703125 True
Requested to load Flux
loaded completely 11350.067443847656 True
100%|██████████| 20/20 [00:24<00:00,  1.21s/it]
Requested to load AutoencodingEngine
loaded completely 159.87335777282715 True
Prompt executed in 38.21 seconds
`

export const FILEBROWSER_LOG = `The file manager listens on port 9000.
Downloading flux1-dev-fp8.safetensors into models/checkpoints
flux1-dev-fp8.safetensors: 17.2 GB, SHA-256 verified
`
